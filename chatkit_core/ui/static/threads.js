/**
 * The list of threads at the side: a panel that folds away; where the element is narrow, a drawer that lies over the
 * conversation.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 */

import { el } from "./conversation.js";
import { icon } from "./icons.js";
import { strings } from "./strings.js";
import { addStyles } from "./styles.js";
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
  /** @param {ChatKitChat} host */
  constructor(host) {
    this.host = host;
    this.chat = /** @type {NonNullable<ChatKitChat["chat"]>} */ (host.chat);
    this.list = new ThreadList(this.chat);
    this.rows = new ThreadRows(host, this.list, (threadId) => this.#choose(threadId));
    this.end = el("div", { className: "end" });
    this.scroller = el("div", { className: "list" }, this.rows.element, this.end);
    this.narrow = host.clientWidth < NARROW;
    this.unfolded = recall() ?? host.clientWidth > WIDE;
    this.drawer = false;
    /** Whether the rows are to be drawn again. */
    this.stale = true;
    /** Whether the thread that comes next is one that begins here. */
    this.begins = !this.chat.threadId;
    this.#listen();
    addStyles(host.shadowRoot, "threads.css").then(() => {
      this.styled = true;
      this.draw();
    });
  }

  #listen() {
    this.list.addEventListener("change", () => {
      this.stale = true;
      this.draw();
    });
    this.chat.addEventListener("change", (event) => {
      if (/** @type {CustomEvent} */ (event).detail.part === "thread") this.#hear();
    });
    this.nearEnd = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && this.list.more(), {
      root: this.scroller,
      rootMargin: "200px",
    });
    new ResizeObserver(() => this.#resized()).observe(this.host);
    document.addEventListener("visibilitychange", () => this.#seen());
  }

  /** The open thread has begun, is another one, or has another title. */
  #hear() {
    const { thread, threadId } = this.chat;
    this.stale = true;
    if (!thread) this.begins = !threadId;
    else if (this.begins) this.list.add(thread);
    else this.list.update(thread);
    if (thread) this.begins = false;
  }

  #seen() {
    if (document.visibilityState === "hidden") this.hiddenAt = Date.now();
    else if (this.list.state !== "idle" && Date.now() - (this.hiddenAt ?? Infinity) > AWAY) this.list.load();
  }

  #resized() {
    const narrow = this.host.clientWidth < NARROW;
    if (narrow === this.narrow) return;
    this.narrow = narrow;
    this.drawer = false;
    this.host.view?.draw();
  }

  // Open or not

  get open() {
    if (this.host.options.history?.enabled === false) return false;
    return this.narrow ? this.drawer : this.unfolded;
  }

  /** @param {boolean} open */
  show(open) {
    const root = this.host.shadowRoot;
    const had = root?.activeElement ?? document.activeElement;
    if (this.narrow) this.drawer = open;
    else remember((this.unfolded = open));
    this.draw();
    if (open && this.narrow) {
      this.from = /** @type {HTMLElement | null} */ (had);
      this.host.side?.querySelector("button")?.focus();
    } else if (!open && this.host.side?.contains(had)) {
      (this.from?.isConnected ? this.from : this.host.head?.querySelector("button"))?.focus();
    }
  }

  #close() {
    if (this.narrow) this.host.view?.showThreads(false);
  }

  /** @param {string} threadId */
  #choose(threadId) {
    this.#close();
    if (threadId !== this.chat.threadId) this.host.setThreadId(threadId);
  }

  #begin() {
    this.#close();
    this.host.view?.newThread();
  }

  // Drawing

  draw() {
    const { host, list, open } = this;
    if (!this.styled || !host.side) return;
    if (open && list.state === "idle") list.load();
    if (host.main) host.main.inert = open && this.narrow;
    render(this.#panel(open), host.side);
    if (!open || !this.stale) return;
    this.stale = false;
    this.rows.draw();
    render(this.#end(), this.end);
    this.nearEnd?.unobserve(this.end);
    this.nearEnd?.observe(this.end); // which tells once more whether the end is in sight
  }

  /** @param {boolean} open */
  #panel(open) {
    const { list, narrow } = this;
    return html`
      <div class="scrim" ?hidden=${!open || !narrow} @click=${() => this.#close()}></div>
      <nav class="threads ${narrow ? "drawer" : ""}" aria-label=${strings.threads} tabindex="-1" ?hidden=${!open}
        @keydown=${(/** @type {KeyboardEvent} */ { key }) => key === "Escape" && this.#close()}>
        <div class="top">
          <button class="new" type="button" @click=${() => this.#begin()}>${icon("write")}<span>${strings.newThread}</span></button>
          ${narrow
            ? html`<button class="quiet icon" type="button" title=${strings.hideThreads} aria-label=${strings.hideThreads}
                @click=${() => this.#close()}>${icon("close")}</button>`
            : nothing}
        </div>
        <div class="search" ?hidden=${!list.searchable}>
          ${icon("search")}
          <input type="search" placeholder=${strings.search} aria-label=${strings.search}
            @input=${(/** @type {Event} */ event) => this.#typed(fieldOf(event).value)}
            @keydown=${(/** @type {KeyboardEvent} */ event) => this.#onSearchKey(event)}>
        </div>
        ${this.scroller}
        <label class="switch">
          <span>${strings.showArchived}</span>
          <input type="checkbox" role="switch" .checked=${list.archived}
            @change=${(/** @type {Event} */ event) => list.showArchived(fieldOf(event).checked)}>
        </label>
      </nav>`;
  }

  #end() {
    const { state, query, archived, hasMore } = this.list;
    const isEmpty = !this.rows.items.size;
    const nothingHere = query ? strings.noneFound : archived ? strings.noArchived : strings.noThreads;
    this.scroller.ariaBusy = String(state === "loading");
    return html`
      ${isEmpty && state === "loading" ? html`<div class="skeleton"><i></i><i></i><i></i><i></i></div>` : nothing}
      <p role="status">${isEmpty && state === "ready" ? nothingHere : ""}</p>
      ${state === "failed"
        ? html`<p class="refused" role="alert">${strings.threadsFailed}
            <button class="link" type="button" @click=${() => this.list.load()}>${strings.reload}</button></p>`
        : nothing}
      ${hasMore && !isEmpty
        ? html`<button class="quiet" type="button" @click=${() => this.list.more()}>${strings.loadMore}</button>`
        : nothing}`;
  }

  // Searching

  /** @param {string} text */
  #typed(text) {
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.list.search(text.trim()), TYPING);
  }

  /** @param {KeyboardEvent} event */
  #onSearchKey(event) {
    const field = fieldOf(event);
    if (event.key === "ArrowDown") this.rows.focus();
    else if (event.key === "Escape" && field.value) this.#typed((field.value = ""));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** @param {Event} event @returns {HTMLInputElement} */
function fieldOf(event) {
  return /** @type {HTMLInputElement} */ (event.currentTarget);
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
    // no storage: it is as wide as it is
  }
}
