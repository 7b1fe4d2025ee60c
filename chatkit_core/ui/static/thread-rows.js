/**
 * The rows of the list of threads, by day. A row keeps its element, and so its focus, for as long as the thread is listed.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 * @import { Row, ThreadList } from "./thread-list.js"
 */

import { el } from "./conversation.js";
import { icon } from "./icons.js";
import { openMenu } from "./menus.js";
import { strings } from "./strings.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** The headings, and of how many days (by local time) each has the threads. */
const GROUPS = /** @type {const} */ ([["today", 1], ["yesterday", 2], ["lastWeek", 8], ["earlier", Infinity]]);
const DAY = 86_400_000;

export class ThreadRows {
  /** In the order in which they stand. @type {Map<string, HTMLElement>} */
  items = new Map();
  /** The row that the tab key reaches; the arrow keys go on from it. @type {string | null | undefined} */
  reachable = "";
  /** The thread that is renamed. @type {Row | undefined} */
  editing = undefined;

  /** @param {ChatKitChat} host @param {ThreadList} list @param {(threadId: string) => void} choose */
  constructor(host, list, choose) {
    this.host = host;
    this.list = list;
    this.choose = choose;
    this.root = /** @type {ShadowRoot} */ (host.shadowRoot);
    this.element = el("div", {}, ...GROUPS.map(([name]) => el("div", {}, el("h2"), el("ul", { role: "list", ariaLabel: strings[name] }))));
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.element.addEventListener("focusin", ({ target }) => {
      if (this.reachable === idAt(target)) return;
      this.reachable = idAt(target);
      this.draw();
    });
  }

  draw() {
    const { element, items, list, root } = this;
    const { rows } = list;
    const focused = idAt(root.activeElement) ?? "";
    const place = [...items.keys()].indexOf(focused);
    this.items = new Map(rows.map(({ id }) => [id, items.get(id) ?? el("li", { className: "thread", id })]));
    if (!this.items.has(this.editing?.id ?? "")) this.editing = undefined;
    if (!this.items.has(this.reachable ?? "")) {
      this.reachable = this.items.has(list.chat.threadId ?? "") ? list.chat.threadId : rows[0]?.id;
    }
    for (const [id, item] of items) if (!this.items.has(id)) item.remove();
    GROUPS.forEach(([name], at) => {
      const [head, group] = element.children[at].children;
      head.textContent = strings[name];
      rows.filter((row) => groupOf(row) === name).forEach((row, place) => this.#place(row, group, place));
    });
    if (place >= 0 && !this.items.has(focused)) this.focus(rows[Math.min(place, rows.length - 1)]?.id);
  }

  /** Draw a row; it moves only if it stands elsewhere. @param {Row} row @param {Element} list @param {number} place in that */
  #place(row, list, place) {
    const item = /** @type {HTMLElement} */ (this.items.get(row.id));
    render(this.#row(row), item);
    const there = list.children[place];
    if (there !== item) list.insertBefore(item, there);
  }

  /** Focus a row; what is around the list if there is none. @param {string} [id] */
  focus(id = "") {
    const target = this.items.get(id)?.querySelector(".open") ?? this.element.closest("nav");
    /** @type {HTMLElement | null} */ (target)?.focus();
  }

  /** @param {Row} row */
  #row(row) {
    const { id, title = strings.untitled } = row;
    const { errors } = this.list;
    const tab = id === this.reachable ? 0 : -1;
    const error = errors.has(id) ? html`<p class="refused" role="alert">${strings.errors[errors.get(id) ?? ""] ?? strings.failed}</p>` : nothing;
    if (id === this.editing?.id) return html`${this.#editor(row)}${error}`;
    return html`${this.#link(id, title, tab)}
      <button class="quiet icon more" type="button" title=${strings.more} aria-label="${strings.more}: ${title}" tabindex=${tab}
        aria-haspopup="menu" @click=${(/** @type {any} */ event) => openMenu(this.root, event.currentTarget, this.#actions(row))}>
        ${icon("dots-horizontal")}</button>${error}`;
  }

  /** @param {string} id @param {string} title @param {number} tab */
  #link(id, title, tab) {
    const { host } = this;
    const current = id === this.list.chat.threadId ? "page" : nothing;
    const text = html`<span dir="auto">${title}</span>`;
    const name = host.getAttribute("url-thread");
    const onClick = (/** @type {MouseEvent} */ event) => {
      if (name && (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) return; // asks for a tab or a window
      event.preventDefault();
      this.choose(id);
    };
    if (!name) {
      return html`<button class="open" type="button" title=${title} tabindex=${tab} aria-current=${current} @click=${onClick}>${text}</button>`;
    }
    const url = new URL(location.href);
    url.searchParams.set(name, id);
    return html`<a class="open" href=${url.href} title=${title} tabindex=${tab} aria-current=${current} @click=${onClick}>${text}</a>`;
  }

  /** What may be done to a thread, by the key that does it. @param {Row} row */
  #actions(row) {
    const { showRename = true, showDelete = true } = this.host.options.history ?? {};
    const { archived } = this.list;
    return [
      ...(showRename ? [{ key: "F2", label: strings.rename, icon: "write", run: () => this.#edit(row) }] : []),
      { label: archived ? strings.unarchive : strings.archive, icon: "archive", run: () => this.list.archive(row, !archived) },
      ...(showDelete ? [{ key: "Delete", label: strings.delete, icon: "trash", danger: true, run: () => this.#ask(row) }] : []),
    ];
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const { key, target } = event;
    const { rows } = this.list;
    const at = rows.findIndex(({ id }) => id === idAt(target));
    if (at < 0 || target instanceof HTMLInputElement) return;
    const by = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    const action = this.#actions(rows[at]).find((one) => one.key === key);
    if (!by && !action) return;
    event.preventDefault();
    action?.run();
    if (by) this.focus((rows[at + by] ?? rows[at]).id);
  }

  /** Ask whether to delete a thread; the focus returns to where it was. @param {Row} row */
  #ask(row) {
    const { title = strings.untitled } = row;
    const dialog = el("dialog", { className: "dialog", role: "alertdialog", ariaLabel: strings.deleteThis, ariaDescription: `${title}. ${strings.deleteForGood}` });
    render(
      html`<div>
        <h2>${strings.deleteThis}</h2>
        <p class="about" dir="auto">${title}</p>
        <p>${strings.deleteForGood}</p>
        <div class="answers">
          <button type="button">${strings.cancel}</button>
          <button type="button" class="danger">${strings.delete}</button>
        </div>
      </div>`,
      dialog,
    );
    dialog.onclick = (/** @type {any} */ { target }) => {
      if (target.matches("dialog, button")) dialog.close(); // what is clicked beside the content is the backdrop
      if (target.matches(".danger")) this.#delete(row);
    };
    dialog.onclose = () => dialog.remove();
    this.root.append(dialog);
    dialog.showModal();
  }

  /** @param {Row} row */
  async #delete(row) {
    const { host } = this;
    const wasOpen = row.id === this.list.chat.threadId;
    const deleting = this.list.delete(row);
    if (wasOpen) host.setThreadId(null);
    if (!(await deleting) && wasOpen && !this.list.chat.threadId) host.setThreadId(row.id);
  }

  /** @param {Row} row */
  #edit(row) {
    this.editing = row;
    this.draw();
    const input = this.items.get(row.id)?.querySelector("input");
    input?.focus();
    input?.select();
  }

  /** @param {Row} row */
  #editor(row) {
    const finish = (/** @type {any} */ { target }) => {
      if (this.editing?.id !== row.id) return;
      this.editing = undefined;
      const title = target.value.trim();
      if (title && title !== row.title) this.list.rename(row, title);
      else this.draw();
    };
    const onKey = (/** @type {any} */ event) => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.key === "Escape") event.target.value = "";
      finish(event);
      this.focus(row.id);
    };
    return html`<input class="rename" dir="auto" aria-label=${strings.rename} .value=${this.editing?.title ?? ""} @keydown=${onKey} @blur=${finish}>`;
  }
}

/** The heading that a thread is under. @param {Row} row */
function groupOf(row) {
  const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(row.time).setHours(0, 0, 0, 0)) / DAY);
  return GROUPS.find(([, most]) => days < most)?.[0];
}

/** The thread whose row something is in. @param {EventTarget | null} target */
function idAt(target) {
  return /** @type {Element | null} */ (target)?.closest(".thread")?.id;
}
