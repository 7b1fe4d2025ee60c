/**
 * The list of threads at the side: a panel that folds away; where the element is narrow, a drawer over the conversation.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 */

import { el } from "./conversation.js";
import { icon, iconButton } from "./icons.js";
import { strings } from "./strings.js";
import { ThreadList } from "./thread-list.js";
import { ThreadRows } from "./thread-rows.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** Where it is kept whether the panel is open. */
const KEPT = "chatkit threads open";
/** Pixels of the element: in less, the list is a drawer; in more, a panel that is open unless it was closed. */
const NARROW = 700;
const WIDE = 900;
/** Milliseconds after the last key before it is searched. */
const TYPING = 250;
/** Milliseconds out of sight after which the list is asked for again. */
const AWAY = 30_000;

export class Threads {
  hiddenAt = Infinity;
  narrow = false;
  /** Whether the panel is to be open, if the user has said so. @type {boolean | undefined} */
  chosen = undefined;
  /** Whether it is open, if it may be. */
  shown = false;

  /** @param {ChatKitChat} host */
  constructor(host) {
    this.host = host;
    this.chat = host.chat;
    this.list = new ThreadList(this.chat);
    this.rows = new ThreadRows(host, this.list, (threadId) => {
      this.#close();
      if (threadId !== this.chat.threadId) host.setThreadId(threadId);
    });
    this.end = el("div", { className: "end" });
    this.scroller = el("div", { className: "list" }, this.rows.element, this.end);
    this.#fit();
    /** Whether the thread that comes next begins here. */
    this.begins = !this.chat.threadId;
    const { list } = this;
    list.addEventListener("change", () => this.#drawRows());
    host.whileConnected((signal) => {
      list.listen(signal);
      if (list.state !== "idle") list.load(); // it was away, and has heard nothing
      document.addEventListener("visibilitychange", this.#onVisible, { signal });
    });
    this.chat.on("change", ({ part }) => part === "thread" && this.#hear());
    this.nearEnd = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && list.more(), { root: this.scroller, rootMargin: "200px" });
    new ResizeObserver(() => {
      if (this.narrow === host.clientWidth < NARROW) return;
      this.#fit();
      host.view?.draw();
    }).observe(host);
  }

  #fit() {
    const { clientWidth: width } = this.host;
    this.narrow = width < NARROW;
    this.shown = !this.narrow && (this.chosen ?? recall() ?? width > WIDE);
  }

  #onVisible = () => {
    if (document.hidden) this.hiddenAt = Date.now();
    else if (this.list.state !== "idle" && Date.now() - this.hiddenAt > AWAY) this.list.load();
  };

  /** The open thread has begun, is another one, or has another title. */
  #hear() {
    const { thread, threadId } = this.chat;
    if (thread) this.list.hear(thread, this.begins);
    this.begins = !threadId;
    this.#drawRows();
  }

  // Open or not

  get open() {
    return this.host.options.history?.enabled !== false && this.shown;
  }

  /** @param {boolean} open */
  show(open) {
    const { side, head, shadowRoot } = this.host;
    const focused = /** @type {HTMLElement | null} */ (shadowRoot?.activeElement ?? document.activeElement);
    this.shown = open;
    if (!this.narrow) remember((this.chosen = open));
    this.draw();
    if (open && this.narrow) {
      this.from = focused;
      side?.querySelector("button")?.focus();
    } else if (!open && side?.contains(focused)) (this.from?.isConnected ? this.from : head?.querySelector("button"))?.focus();
  }

  /** The drawer closes once it has served. */
  #close = () => {
    if (this.narrow) this.host.view?.showThreads(false);
  };

  // Drawing

  draw() {
    const { host, list, open } = this;
    if (open && list.state === "idle") list.load();
    host.main.inert = open && this.narrow;
    render(this.#panel(open), host.side);
  }

  #drawRows() {
    const { end, nearEnd } = this;
    this.rows.draw();
    render(this.#end(), end);
    nearEnd?.unobserve(end);
    nearEnd?.observe(end); // which tells once more whether the end is in sight
  }

  /** @param {boolean} open */
  #panel(open) {
    const { list, narrow, host } = this;
    const begin = () => {
      this.#close();
      host.view?.newThread();
    };
    const onKey = (/** @type {any} */ { key, target }) => {
      if (key !== "Escape") return;
      if (target.type === "search" && target.value) this.#typed((target.value = ""));
      else this.#close();
    };
    return html`
      <nav class="threads ${narrow ? "drawer" : ""}" aria-label=${strings.threads} tabindex="-1" ?hidden=${!open} @keydown=${onKey}>
        <div class="top">
          <button class="new" type="button" @click=${begin}>${icon("write")}<span>${strings.newThread}</span></button>
          ${iconButton("close", strings.hideThreads, this.#close)}
        </div>
        <div class="search">${icon("search")}<input type="search" placeholder=${strings.search} aria-label=${strings.search}
          @input=${(/** @type {any} */ { target }) => this.#typed(target.value)}></div>
        ${this.scroller}
        <label class="switch">${strings.showArchived}<input type="checkbox" role="switch"
          @change=${(/** @type {any} */ { target }) => list.choose({ archived: target.checked })}></label>
      </nav>
      <div class="scrim" @click=${this.#close}></div>`;
  }

  #end() {
    const { list } = this;
    const { state, query, archived } = list;
    const isEmpty = !this.rows.items.size;
    const none = query ? strings.noneFound : archived ? strings.noArchived : strings.noThreads;
    return html`
      ${isEmpty && state === "loading" ? html`<div class="skeleton"><i></i><i></i><i></i></div>` : nothing}
      <p role="status">${isEmpty && state === "ready" ? none : ""}</p>
      ${state === "failed"
        ? html`<p class="refused" role="alert">${strings.threadsFailed}
            <button class="link" type="button" @click=${() => list.load()}>${strings.reload}</button></p>`
        : nothing}
      ${list.after && !isEmpty ? html`<button class="quiet" type="button" @click=${() => list.more()}>${strings.loadMore}</button>` : nothing}`;
  }

  /** @param {string} text */
  #typed(text) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.list.choose({ query: text.trim() }), TYPING);
  }
}

/** @returns {boolean | null} */
function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null");
  } catch {
    return null; // what is there is not ours, or there is no storage
  }
}

/** @param {boolean} open */
function remember(open) {
  try {
    localStorage.setItem(KEPT, String(open));
  } catch {
    // no storage: the next visit begins as the first
  }
}
