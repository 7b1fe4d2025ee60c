/**
 * The list that opens when an @ is typed: what the host page's search finds for the word after it, to be put in as a tag.
 *
 * @import { Composer } from "./composer.js"
 * @typedef {{ id: string, title: string, icon?: string, group?: string, interactive?: boolean, data?: object }} Entity
 */

import { el } from "./conversation.js";
import { icon } from "./icons.js";
import { place } from "./menu.js";
import { strings } from "./strings.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** Milliseconds without a key after which it is searched. */
const PAUSE = 150;

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
    host.main?.append(this.list);
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
