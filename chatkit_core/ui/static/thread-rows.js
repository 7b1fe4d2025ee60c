/**
 * The rows of the list of threads, by day. A row keeps its element, and so its focus, for as long as the thread is listed.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 * @import { Row, ThreadList } from "./thread-list.js"
 * @typedef {{ section: HTMLElement, list: HTMLElement }} Group
 */

import { el } from "./conversation.js";
import { confirm } from "./dialog.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { strings } from "./strings.js";
import { groupOf } from "./thread-list.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

const GROUPS = /** @type {const} */ (["today", "yesterday", "lastWeek", "earlier"]);

export class ThreadRows {
  /**
   * @param {ChatKitChat} host
   * @param {ThreadList} list
   * @param {(threadId: string) => void} choose
   */
  constructor(host, list, choose) {
    this.host = host;
    this.list = list;
    this.choose = choose;
    /** In the order in which they stand. @type {Map<string, HTMLElement>} */
    this.items = new Map();
    this.groups = GROUPS.map(newGroup);
    this.element = el("div", {}, ...this.groups.map(({ section }) => section));
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.element.addEventListener("focusin", ({ target }) => this.#reach(idAt(target)));
    /** The row that the tab key reaches; the arrow keys go on from it. @type {string | undefined} */
    this.reachable = undefined;
    /** What is renamed, and what it was called before. @type {{ id: string, title: string } | undefined} */
    this.editing = undefined;
  }

  get #root() {
    return /** @type {ShadowRoot} */ (this.host.shadowRoot);
  }

  draw() {
    const { rows } = this.list;
    const { items } = this;
    const focused = this.element.contains(this.#root.activeElement) ? idAt(this.#root.activeElement) : undefined;
    const place = [...items.keys()].indexOf(focused ?? "");
    this.items = new Map(rows.map(({ id }) => [id, items.get(id) ?? el("li", { className: "thread" })]));
    if (!this.items.has(this.reachable ?? "")) {
      this.reachable = rows.find(({ id }) => id === this.host.chat?.threadId)?.id ?? rows[0]?.id;
    }
    if (!this.items.has(this.editing?.id ?? "")) this.editing = undefined;
    for (const [id, item] of items) if (!this.items.has(id)) item.remove();
    const now = new Date();
    GROUPS.forEach((name, at) => this.#place(this.groups[at], rows.filter((row) => groupOf(row, now) === name)));
    if (focused && !this.items.has(focused)) this.focus(rows[Math.min(place, rows.length - 1)]?.id);
  }

  /** @param {Group} group @param {Row[]} rows */
  #place({ section, list }, rows) {
    section.hidden = !rows.length;
    let next = list.firstElementChild;
    for (const row of rows) {
      const item = /** @type {HTMLElement} */ (this.items.get(row.id));
      item.dataset.id = row.id;
      render(this.#row(row), item);
      if (item === next) next = next.nextElementSibling;
      else list.insertBefore(item, next);
    }
  }

  /** Focus a row; what is around the list if there is none. @param {string | undefined} [id] absent for the one that tab reaches */
  focus(id = this.reachable) {
    const item = this.items.get(id ?? "");
    const target = item ? item.querySelector(".open") : this.element.closest("nav");
    /** @type {HTMLElement | null} */ (target)?.focus();
  }

  /** @param {string | undefined} id */
  #reach(id) {
    if (!id || id === this.reachable) return;
    this.reachable = id;
    this.draw();
  }

  // A row

  /** @param {Row} row */
  #row(row) {
    const error = this.list.errors.get(row.id);
    return html`${this.editing?.id === row.id ? this.#editor(row, this.editing.title) : this.#link(row)}
      ${error === undefined ? nothing : html`<p class="refused" role="alert">${strings.errors[error] ?? strings.failed}</p>`}`;
  }

  /** @param {Row} row */
  #link(row) {
    const { id } = row;
    const title = row.title || strings.untitled;
    const tab = id === this.reachable ? 0 : -1;
    const current = id === this.host.chat?.threadId ? "page" : nothing;
    const href = urlOf(this.host, id);
    const text = html`<span dir="auto">${title}</span>`;
    return html`
      ${href
        ? html`<a class="open" href=${href} title=${title} tabindex=${tab} aria-current=${current}
            @click=${(/** @type {MouseEvent} */ event) => this.#follow(event, id)}>${text}</a>`
        : html`<button class="open" type="button" title=${title} tabindex=${tab} aria-current=${current}
            @click=${() => this.choose(id)}>${text}</button>`}
      <button class="quiet icon more" type="button" title=${strings.more} aria-label="${strings.more}: ${title}" tabindex=${tab}
        aria-haspopup="menu" @click=${(/** @type {Event} */ event) => this.#menu(row, event)}>${icon("dots-horizontal")}</button>`;
  }

  /** A click that asks for a tab or a window of its own is the browser's. @param {MouseEvent} event @param {string} id */
  #follow(event, id) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.choose(id);
  }

  /** @param {Row} row @param {Event} event */
  #menu(row, { currentTarget }) {
    const { showRename, showDelete } = this.host.options.history ?? {};
    const { archived } = this.list;
    const rename = { label: strings.rename, icon: "write", run: () => this.#edit(row) };
    const archive = {
      label: archived ? strings.unarchive : strings.archive,
      icon: "archive",
      run: () => this.list.archive(row, !archived),
    };
    const remove = { label: strings.delete, icon: "trash", danger: true, run: () => this.#delete(row) };
    const items = [...(showRename === false ? [] : [rename]), archive, ...(showDelete === false ? [] : [remove])];
    openMenu(this.#root, /** @type {HTMLElement} */ (currentTarget), items);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, target } = event;
    const row = this.list.rows.find(({ id }) => id === idAt(target));
    if (!row || target instanceof HTMLInputElement) return;
    const { showRename, showDelete } = this.host.options.history ?? {};
    if (key === "ArrowDown") this.#step(row.id, 1);
    else if (key === "ArrowUp") this.#step(row.id, -1);
    else if (key === "F2" && showRename !== false) this.#edit(row);
    else if (key === "Delete" && showDelete !== false) this.#delete(row);
    else return;
    event.preventDefault();
  }

  /** @param {string} id @param {number} by */
  #step(id, by) {
    const ids = [...this.items.keys()];
    const next = ids[ids.indexOf(id) + by];
    if (next) this.focus(next);
  }

  /** @param {Row} row */
  async #delete(row) {
    const { host } = this;
    const question = { title: strings.deleteThis, about: row.title || strings.untitled, text: strings.deleteForGood, action: strings.delete };
    if (!(await confirm(this.#root, question))) return;
    const wasOpen = row.id === host.chat?.threadId;
    const deleting = this.list.delete(row);
    if (wasOpen) host.setThreadId(null);
    if (!(await deleting) && wasOpen && !host.chat?.threadId) host.setThreadId(row.id);
  }

  // Its title

  /** @param {Row} row */
  #edit(row) {
    this.editing = { id: row.id, title: row.title ?? "" };
    this.draw();
    const input = this.items.get(row.id)?.querySelector("input");
    input?.focus();
    input?.select();
  }

  /** @param {Row} row @param {string} title */
  #editor(row, title) {
    const onKey = (/** @type {KeyboardEvent} */ event) => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      this.#finish(row, event.key === "Enter" ? valueOf(event) : "");
      this.focus(row.id);
    };
    return html`<input class="rename" dir="auto" aria-label=${strings.rename} .value=${title} @keydown=${onKey}
      @blur=${(/** @type {Event} */ event) => this.#finish(row, valueOf(event))}>`;
  }

  /** @param {Row} row @param {string} title empty to leave it as it is */
  #finish(row, title) {
    if (this.editing?.id !== row.id) return;
    this.editing = undefined;
    if (title && title !== row.title) this.list.rename(row, title);
    else this.draw();
  }
}

/** @param {"today" | "yesterday" | "lastWeek" | "earlier"} name @returns {Group} */
function newGroup(name) {
  const list = el("ul", { role: "list", ariaLabel: strings[name] });
  return { section: el("div", { hidden: true }, el("h2", { textContent: strings[name] }), list), list };
}

/** The thread whose row something is in. @param {EventTarget | null} target */
function idAt(target) {
  const item = target instanceof Element ? target.closest("li") : null;
  return item?.dataset.id;
}

/** @param {Event} event */
function valueOf({ target }) {
  return /** @type {HTMLInputElement} */ (target).value.trim();
}

/** The address of a thread, if the page's address names it. @param {ChatKitChat} host @param {string} threadId */
function urlOf(host, threadId) {
  const name = host.getAttribute("url-thread");
  if (!name) return null;
  const url = new URL(location.href);
  url.searchParams.set(name, threadId);
  return url.href;
}
