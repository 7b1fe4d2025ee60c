/** Icons: 24 by 24, drawn with the colour of the text. */

import { html, nothing } from "./vendor/lit-html/lit-html.js";

/** The path of each, by the names that it has: ours, and those of the protocol that look like it. */
const DRAWN = {
  sidebar: "M4 5h16v14H4zM9.5 5v14",
  "write write-alt write-alt2 notebook-pencil": "M12 20h8M16.5 4.5l3 3L9 18l-4 1 1-4z",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M5.5 11.5L12 5l6.5 6.5",
  stop: "M7 7h10v10H7z",
  search: "M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zM16 16l5 5",
  "dots-horizontal dots-vertical": "M5.5 12h.01M12 12h.01M18.5 12h.01",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  "thumb-up": "M7 20V10l4-7c1.5 0 2.5 1 2.5 2.5L13 9h5.5a2 2 0 0 1 2 2.4l-1.3 7A2 2 0 0 1 17.2 20zM7 10H3.5v10H7",
  "thumb-down": "M17 4v10l-4 7c-1.5 0-2.5-1-2.5-2.5L11 15H5.5a2 2 0 0 1-2-2.4l1.3-7A2 2 0 0 1 6.8 4zM17 14h3.5V4H17",
  reload: "M20 11a8 8 0 1 0-2.3 6.3M20 4v7h-7",
  "sparkle sparkle-double agent": "M12 3c.7 5.3 3.7 8.3 9 9-5.3.7-8.3 3.7-9 9-.7-5.3-3.7-8.3-9-9 5.3-.7 8.3-3.7 9-9z",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  attach: "M20 11.5l-8 8a5.3 5.3 0 0 1-7.5-7.5l8.5-8.5a3.5 3.5 0 0 1 5 5L9.7 16.8a1.8 1.8 0 0 1-2.5-2.5l7.3-7.3",
  mic: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  chevron: "M6 9l6 6 6-6",
  "chevron-right": "M9 6l6 6-6 6",
  "chevron-left": "M15 6l-6 6 6 6",
  "document page-blank square-text": "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  "book-open book-closed notebook": "M12 6c-2-1.5-5-2-8-2v14c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2zM12 6v14",
  "globe maps map-pin compass": "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM3 12h18M12 3c3 2.5 4 5.5 4 9s-1 6.5-4 9c-3-2.5-4-5.5-4-9s1-6.5 4-9",
  lightbulb: "M9 17c0-2-3-3.5-3-7a6 6 0 1 1 12 0c0 3.5-3 5-3 7zM9.5 20h5",
  "user profile profile-card": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20a7.5 7.5 0 0 1 15 0",
  "images square-image": "M4 5h16v14H4zM4 16l4.5-4.5 4 4 3-3L20 17M15 9.5h.01",
  "settings settings-slider analytics": "M4 8h9M17 8h3M4 16h3M11 16h9M15 6v4M9 14v4",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  clock: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM12 7v5l3.5 2",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  "star star-filled": "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z",
  "info circle-question": "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM12 11v5M12 8h.01",
  "check-circle check-circle-filled": "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM8 12.5l2.8 2.8L16 10",
  "external-link": "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  download: "M12 4v11M7 10.5l5 5 5-5M5 20h14",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  archive: "M4 5h16v4H4zM5 9v11h14V9M10 13h4",
};

const PATHS = new Map(Object.entries(DRAWN).flatMap(([names, path]) => names.split(" ").map((name) => [name, path])));

/** @param {string} name @param {string} [className] */
export function icon(name, className = "") {
  return html`<svg class="icon ${className}" viewBox="0 0 24 24" aria-hidden="true"><path d=${PATHS.get(name) ?? PATHS.get("sparkle")}></path></svg>`;
}

/**
 * A button that is an icon and nothing else.
 * @param {string} name @param {string} label @param {(event: any) => void} onClick @param {State} [state]
 */
export function iconButton(name, label, onClick, state) {
  return labelled("quiet icon", label, icon(name), onClick, state);
}

/**
 * A button with a label that is read, and shown while the pointer rests on it.
 * @typedef {{ pressed?: boolean, popup?: "menu", expanded?: boolean, hidden?: boolean, disabled?: boolean }} State
 * @param {string} className @param {string} label @param {unknown} content @param {(event: any) => void} onClick @param {State} [state]
 */
export function labelled(className, label, content, onClick, { pressed, popup, expanded, hidden = false, disabled = false } = {}) {
  return html`<button type="button" class=${className} title=${label} aria-label=${label} aria-pressed=${pressed ?? nothing}
    aria-haspopup=${popup ?? nothing} aria-expanded=${expanded ?? nothing} ?hidden=${hidden} ?disabled=${disabled} @click=${onClick}>${content}</button>`;
}
