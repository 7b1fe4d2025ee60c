/** Icons: 24 by 24, drawn with the colour of the text. */

import { html, nothing, svg } from "./vendor/lit-html/lit-html.js";

/** The paths of each. @type {Record<string, string>} */
const PATHS = {
  sidebar: "M4 5h16v14H4zM9.500 5v14",
  write: "M12 20h8M16.500 4.500l3 3L9 18l-4 1 1-4z",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M5.500 11.500L12 5l6.500 6.500",
  stop: "M7 7h10v10H7z",
  search: "M11 18a7 7 0 1 1 0-14 7 7 0 0 1 0 14zM16 16l5 5",
  "dots-horizontal": "M5.500 12h.01M12 12h.01M18.500 12h.01",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  check: "M5 12.500l4.500 4.500L19 7.500",
  "thumb-up": "M7 20V10l4-7c1.500 0 2.500 1 2.500 2.500L13 9h5.500a2 2 0 0 1 2 2.400l-1.300 7A2 2 0 0 1 17.200 20zM7 10H3.500v10H7",
  "thumb-down": "M17 4v10l-4 7c-1.500 0-2.500-1-2.500-2.500L11 15H5.500a2 2 0 0 1-2-2.400l1.300-7A2 2 0 0 1 6.800 4zM17 14h3.500V4H17",
  reload: "M20 11a8 8 0 1 0-2.300 6.300M20 4v7h-7",
  sparkle: "M12 3c.7 5.300 3.700 8.300 9 9-5.300.7-8.300 3.700-9 9-.7-5.300-3.700-8.300-9-9 5.300-.7 8.300-3.700 9-9z",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  attach: "M20 11.500l-8 8a5.300 5.300 0 0 1-7.500-7.500l8.500-8.500a3.500 3.500 0 0 1 5 5L9.700 16.800a1.800 1.800 0 0 1-2.500-2.500l7.300-7.300",
  mic: "M12 15a3 3 0 0 0 3-3V6a3 3 0 0 0-6 0v6a3 3 0 0 0 3 3zM5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3",
  chevron: "M6 9l6 6 6-6",
  "chevron-right": "M9 6l6 6-6 6",
  "chevron-left": "M15 6l-6 6 6 6",
  document: "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
  "book-open": "M12 6c-2-1.500-5-2-8-2v14c3 0 6 .5 8 2 2-1.500 5-2 8-2V4c-3 0-6 .5-8 2zM12 6v14",
  globe: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM3 12h18M12 3c3 2.500 4 5.500 4 9s-1 6.500-4 9c-3-2.500-4-5.500-4-9s1-6.500 4-9",
  lightbulb: "M9 17c0-2-3-3.500-3-7a6 6 0 1 1 12 0c0 3.500-3 5-3 7zM9.500 20h5",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20a7.500 7.500 0 0 1 15 0",
  images: "M4 5h16v14H4zM4 16l4.500-4.500 4 4 3-3L20 17M15 9.500h.01",
  settings: "M4 8h9M17 8h3M4 16h3M11 16h9M15 6v4M9 14v4",
  bolt: "M13 3L5 14h6l-1 7 8-11h-6z",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
  clock: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM12 7v5l3.500 2",
  mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  star: "M12 3.500l2.600 5.400 5.900.8-4.300 4.100 1 5.900-5.200-2.800-5.200 2.800 1-5.900-4.300-4.100 5.900-.8z",
  info: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM12 11v5M12 8h.01",
  "check-circle": "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM8 12.500l2.800 2.800L16 10",
  "external-link": "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
  download: "M12 4v11M7 10.500l5 5 5-5M5 20h14",
  trash: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13",
  archive: "M4 5h16v4H4zM5 9v11h14V9M10 13h4",
};
/** Names of the protocol that are drawn as another. @type {Record<string, string>} */
const SAME = {
  "sparkle-double": "sparkle", "circle-question": "info", "check-circle-filled": "check-circle", "star-filled": "star",
  "page-blank": "document", "square-text": "document", "book-closed": "book-open", notebook: "book-open", "profile": "user",
  "profile-card": "user", agent: "sparkle", "settings-slider": "settings", "dots-vertical": "dots-horizontal", "write-alt": "write",
  "write-alt2": "write", "notebook-pencil": "write", "square-image": "images", analytics: "settings", maps: "globe", "map-pin": "globe",
  compass: "globe",
};

/** @param {string} name @param {string} [className] */
export function icon(name, className = "") {
  const path = known(PATHS, name) ?? known(PATHS, known(SAME, name) ?? "sparkle");
  return html`<svg class="icon ${className}" viewBox="0 0 24 24" aria-hidden="true">${path ? svg`<path d=${path}></path>` : nothing}</svg>`;
}

/** @param {Record<string, string>} names @param {string} name */
function known(names, name) {
  return Object.hasOwn(names, name) ? names[name] : undefined;
}

/**
 * A button that is an icon and nothing else. Its label is read, and shown while the pointer rests on it.
 * @param {string} name @param {string} label @param {(event: any) => void} onClick
 * @param {{ pressed?: boolean, expanded?: boolean, hidden?: boolean }} [state]
 */
export function iconButton(name, label, onClick, { pressed, expanded, hidden = false } = {}) {
  return html`<button type="button" class="quiet icon" title=${label} aria-label=${label} aria-pressed=${pressed ?? nothing}
    aria-expanded=${expanded ?? nothing} ?hidden=${hidden} @click=${onClick}>${icon(name)}</button>`;
}
