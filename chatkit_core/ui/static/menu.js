/**
 * A small menu that opens at a button. There is one at a time; it stands in the top layer, so nothing cuts it off.
 *
 * @typedef {{ label: string, description?: string, icon?: string, checked?: boolean, disabled?: boolean, danger?: boolean,
 *   run: () => void }} MenuItem an item with `checked`, true or false, is one of several to choose from
 */

import { el } from "./conversation.js";
import { icon } from "./icons.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** Pixels between a popup, what it belongs to, and the edges of the window. */
const GAP = 6;

/** @type {{ anchor: HTMLElement, close: () => void } | undefined} */
let opened;

/**
 * Open a menu; if that of the anchor is open, close it.
 * @param {ShadowRoot} root
 * @param {HTMLElement} anchor the button that it belongs to, and that gets the focus back
 * @param {MenuItem[]} items
 */
export function openMenu(root, anchor, items) {
  const again = opened?.anchor === anchor;
  opened?.close();
  if (again) return;
  const menu = el("div", { className: "menu", role: "menu", popover: "manual", ariaLabel: anchor.ariaLabel });
  render(items.map((item) => itemOf(item, () => close(true))), menu);
  const ending = new AbortController();
  const { signal } = ending;

  /** @param {boolean} [andFocus] */
  const close = (andFocus = false) => {
    ending.abort();
    if (opened?.anchor === anchor) opened = undefined;
    anchor.ariaExpanded = "false";
    if (andFocus) anchor.focus();
    menu.remove();
  };
  opened = { anchor, close };
  anchor.ariaExpanded = "true";

  // What is outside of a modal dialog is inert; what is outside of a landmark is hard to find.
  (anchor.closest("dialog, main") ?? root).append(menu);
  menu.showPopover();
  const placeIt = () => place(menu, anchor.getBoundingClientRect());
  placeIt();
  const buttons = buttonsOf(menu);
  (buttons.find(({ ariaChecked }) => ariaChecked === "true") ?? buttons[0])?.focus();
  menu.addEventListener("keydown", (event) => onKey(event, menu, close), { signal });
  const isOutside = (/** @type {Event} */ event) => !event.composedPath().some((one) => one === menu || one === anchor);
  addEventListener("pointerdown", (event) => isOutside(event) && close(), { capture: true, signal });
  addEventListener("resize", placeIt, { signal });
  root.addEventListener("scroll", placeIt, { capture: true, passive: true, signal });
}

/** @param {MenuItem} item @param {() => void} close */
function itemOf({ label, description, icon: name, checked, disabled = false, danger = false, run }, close) {
  const pick = () => {
    close();
    run();
  };
  return html`<button type="button" role=${checked === undefined ? "menuitem" : "menuitemradio"} tabindex="-1" ?disabled=${disabled}
    aria-checked=${checked ?? nothing} class=${danger ? "danger" : ""} @click=${pick}>
    ${name ? icon(name) : nothing}
    <span>${label}${description ? html`<small>${description}</small>` : nothing}</span>
    ${checked ? icon("check") : nothing}
  </button>`;
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {(andFocus: boolean) => void} close */
function onKey(event, menu, close) {
  const items = buttonsOf(menu);
  const at = items.indexOf(/** @type {HTMLElement} */ (event.target));
  const { key } = event;
  if (key === "Escape" || key === "Tab") {
    close(true);
    if (key === "Tab") return; // which goes on from the anchor
  } else if (key === "ArrowDown") items[(at + 1) % items.length]?.focus();
  else if (key === "ArrowUp") items.at(at - 1)?.focus();
  else if (key === "Home") items[0]?.focus();
  else if (key === "End") items.at(-1)?.focus();
  else if (/^\S$/u.test(key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    after.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()))?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {HTMLElement} menu @returns {HTMLElement[]} */
function buttonsOf(menu) {
  return /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("button:enabled")]);
}

/**
 * Put a popup where there is more room, below or above, and within the window.
 * @param {HTMLElement} popup that is shown
 * @param {DOMRect} at what it belongs to
 */
export function place(popup, at) {
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const [above, below] = [at.top - 2 * GAP, height - at.bottom - 2 * GAP];
  const { style } = popup;
  style.maxHeight = "";
  const isBelow = below >= popup.offsetHeight || below >= above;
  style.maxHeight = `${Math.max(isBelow ? below : above, 0)}px`;
  const start = getComputedStyle(popup).direction === "rtl" ? at.right - popup.offsetWidth : at.left;
  style.left = `${Math.max(GAP, Math.min(start, width - popup.offsetWidth - GAP))}px`;
  style.top = `${isBelow ? at.bottom + GAP : at.top - GAP - popup.offsetHeight}px`;
}
