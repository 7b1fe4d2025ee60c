/**
 * What opens to choose from: a small menu at a button, and at the caret, after an at sign, whom the host page's search finds
 * to mention.
 *
 * @import { Composer } from "./composer.js"
 * @typedef {{ label: string, description?: string, icon?: string, checked?: boolean, disabled?: boolean, danger?: boolean,
 *   run: () => void }} MenuItem an item with `checked`, true or false, is one of several to choose from
 * @typedef {{ id: string, title: string, icon?: string, group?: string, interactive?: boolean, data?: object }} Entity
 */

import { el } from "./conversation.js";
import { icon } from "./icons.js";
import { strings } from "./strings.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** Pixels between a popup, what it belongs to, and the edges of the window. */
const GAP = 6;
/** Milliseconds without a key after which it is searched for whom to mention. */
const PAUSE = 150;

/**
 * Open a menu; if that of the anchor is open, close it. There is one at a time, and a click beside it closes it: the browser
 * sees to that.
 * @param {ShadowRoot} root
 * @param {HTMLElement & { popoverTargetElement?: Element | null }} anchor the button that it belongs to, and that gets the focus back
 * @param {MenuItem[]} items
 */
export function openMenu(root, anchor, items) {
  if (anchor.popoverTargetElement) return; // its menu, which this click closes
  const ending = new AbortController();
  const { signal } = ending;
  const close = () => {
    anchor.focus();
    menu.hidePopover();
  };
  /** Say at the anchor whether its menu is open. @param {HTMLElement | null} shown */
  const tell = (shown) => {
    anchor.ariaExpanded = String(shown !== null);
    anchor.popoverTargetElement = shown;
  };
  const menu = el("div", {
    className: "menu",
    role: "menu",
    popover: "auto",
    ariaLabel: anchor.ariaLabel,
    onkeydown: (/** @type {KeyboardEvent} */ event) => onKey(event, menu, close),
    onbeforetoggle: (/** @type {ToggleEvent} */ { newState }) => {
      // Not when it opens: the click that opens it would close it again.
      if (newState === "closed") tell(null);
    },
    ontoggle: (/** @type {ToggleEvent} */ { newState }) => {
      if (newState === "open") return tell(menu);
      ending.abort();
      menu.remove();
    },
  });
  render(items.map((item) => itemOf(item, close)), menu);
  // What is outside of a modal dialog is inert; what is outside of a landmark is hard to find.
  (anchor.closest("dialog, main") ?? root).append(menu);
  menu.showPopover();
  const placeIt = () => place(menu, anchor.getBoundingClientRect());
  placeIt();
  const buttons = buttonsOf(menu);
  (buttons.find(({ ariaChecked }) => ariaChecked === "true") ?? buttons[0])?.focus();
  // Safari on iOS closes it by itself from 18.3 on.
  const isInside = (/** @type {Event} */ event) => event.composedPath().some((one) => one === menu || one === anchor);
  addEventListener("pointerdown", (event) => isInside(event) || menu.togglePopover(false), { capture: true, signal });
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

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {() => void} close */
function onKey(event, menu, close) {
  const items = buttonsOf(menu);
  const at = items.indexOf(/** @type {HTMLElement} */ (event.target));
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  const { key } = event;
  if (key === "Escape" || key === "Tab") {
    close();
    if (key === "Tab") return; // which goes on from the anchor
  } else if (key === "ArrowDown") after[0]?.focus();
  else if (key === "ArrowUp") after.at(-2)?.focus();
  else if (key === "Home") items[0]?.focus();
  else if (key === "End") items.at(-1)?.focus();
  else if (/^\S$/u.test(key) && !event.ctrlKey && !event.metaKey && !event.altKey) {
    after.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()))?.focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {HTMLElement} menu @returns {HTMLElement[]} */
function buttonsOf(menu) {
  return /** @type {HTMLElement[]} */ ([...menu.querySelectorAll("button:enabled")]);
}

/** The list for the word after an at sign; what is chosen becomes a tag. */
export class Mentions {
  /** The word at the caret, with its at sign; empty if there is none. */
  word = "";
  /** @type {Entity[]} */
  found = [];
  active = 0;
  /** Whether the user has closed the list of this word. */
  refused = false;

  /** @param {Composer} composer */
  constructor({ host, editor }) {
    this.host = host;
    this.editor = editor;
    this.list = el("div", {
      className: "menu",
      role: "listbox",
      popover: "manual",
      ariaLabel: strings.mention,
      onmousedown: (/** @type {Event} */ event) => event.preventDefault(), // the editor keeps the focus
    });
    host.main.append(this.list);
  }

  /** The text or the caret has changed. */
  look() {
    const word = /(?<=^|[\s(])@[^\s@]*$/u.exec(this.editor.before)?.[0];
    if (!word) {
      this.refused = false;
      return this.close();
    }
    if (word === this.word || this.refused) return;
    this.word = word;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#search(word), PAUSE);
    this.#show(this.found.filter(({ title }) => title.toLowerCase().includes(word.slice(1).toLowerCase())));
  }

  /** @param {string} word */
  async #search(word) {
    /** @type {Entity[]} */
    let found = [];
    try {
      found = [...(await this.host.options.entities.onTagSearch(word.slice(1)))];
    } catch {
      // then nothing is found: the search is the host page's, and says itself what is wrong
    }
    if (word === this.word) this.#show([...Map.groupBy(found, ({ group }) => group).values()].flat());
  }

  /** @param {Entity[]} found */
  #show(found) {
    this.found = found;
    this.active = 0;
    this.list.togglePopover(found.length > 0);
    this.#draw();
    const at = this.editor.rectBefore(this.word.length);
    if (at) place(this.list, at);
  }

  close() {
    clearTimeout(this.timer);
    this.word = "";
    if (this.found.length) this.#show([]);
  }

  /** Look no more for this word. */
  #refuse() {
    this.refused = true;
    this.close();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  onKey(event) {
    const { length } = this.found;
    if (!length) return false;
    const { key } = event;
    if (key === "ArrowDown") this.active = (this.active + 1) % length;
    else if (key === "ArrowUp") this.active = (this.active + length - 1) % length;
    else if (key === "Escape") this.#refuse();
    else if ((key === "Enter" || key === "Tab") && !event.shiftKey) this.#pick(this.found[this.active]);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    this.#draw();
    return true;
  }

  /** @param {Entity} entity */
  #pick({ id, title, data = {}, group, interactive = false }) {
    const { length } = this.word;
    this.close();
    this.editor.replaceBefore(length, { type: "input_tag", id, text: title, data, group, interactive });
  }

  #draw() {
    render(this.found.map((entity, at) => this.#option(entity, at)), this.list);
    const active = this.list.querySelector("[aria-selected=true]");
    active?.scrollIntoView({ block: "nearest" });
    this.editor.element.setAttribute("aria-activedescendant", active?.id ?? "");
  }

  /** @param {Entity} entity @param {number} at */
  #option(entity, at) {
    const { title, group, icon: name } = entity;
    const isFirst = group && group !== this.found[at - 1]?.group;
    return html`${isFirst ? html`<div class="group" role="presentation">${group}</div>` : nothing}
      <div role="option" id=${`mention-${at}`} aria-selected=${at === this.active} @click=${() => this.#pick(entity)}>
        ${name ? icon(name) : nothing}<span>${title}</span></div>`;
  }
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
