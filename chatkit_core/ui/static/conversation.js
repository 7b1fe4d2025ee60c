/**
 * Shows the items of a conversation. An item is drawn again only when it changes, and then only in its own place; text
 * that streams grows where it stands.
 *
 * @import { Chat, Item } from "./chat.js"
 * @typedef {{ element: HTMLElement, show: (item: Item, pending: boolean) => number | void }} View
 * @typedef {{ chat: Chat, again: (id: string) => void, host: any }} Room
 */

import { Markdown } from "./markdown.js";
import { strings } from "./strings.js";

/** So near to its end (pixels) a reader is taken to be at it. */
const NEAR = 48;

/** The types of items that are shown here. @type {Record<string, (room: Room) => View>} */
const HERE = { user_message: userView, assistant_message: assistantView };

/** Those that other modules show. Items of any other type are not shown. @type {Record<string, () => Promise<(room: Room) => View>>} */
const ELSEWHERE = {
  widget: async () => (await import("./widget-item.js")).widgetView,
  workflow: async () => (await import("./work-items.js")).workflowView,
  task: async () => (await import("./work-items.js")).taskView,
  generated_image: async () => (await import("./work-items.js")).imageView,
  client_tool_call: async () => (await import("./work-items.js")).toolView,
  structured_input: async () => (await import("./questions.js")).questionsView,
};

export class Conversation {
  /** The items to draw; null for all. @type {Set<string> | null} */
  stale = null;
  /** The frame in which that is done. @type {number | undefined} */
  frame = undefined;
  /** How far it was scrolled last, in pixels. */
  top = 0;

  /** @param {Chat} chat @param {any} host the element, with the host page's handlers */
  constructor(chat, host) {
    this.chat = chat;
    this.host = host;
    /** @type {Map<string, View & { type: string }>} */
    this.views = new Map();
    this.sticks = true;
    this.list = el("ol", { className: "items" });
    this.older = el("button", { type: "button", className: "quiet older", textContent: strings.loadMore, hidden: true });
    this.older.addEventListener("click", () => chat.loadOlder());
    this.tail = el("div", { className: "tail" });
    this.column = el("div", { className: "column" }, this.older, this.list, this.tail);
    this.element = el("div", { className: "scroller", tabIndex: 0, role: "region", ariaLabel: strings.conversation }, this.column);
    this.toEnd = el("button", { type: "button", className: "to-end", ariaLabel: strings.toEnd, title: strings.toEnd, hidden: true });
    this.toEnd.addEventListener("click", () => this.scrollToEnd());
    this.element.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#keepAtEnd()).observe(this.column);
    new ResizeObserver(() => this.#keepAtEnd()).observe(this.element);
    chat.addEventListener("change", (event) => this.#changed(/** @type {CustomEvent} */ (event).detail));
    this.#schedule();
  }

  scrollToEnd() {
    this.sticks = true;
    this.#keepAtEnd();
  }

  #keepAtEnd() {
    if (this.sticks) this.element.scrollTop = this.element.scrollHeight;
    this.#scrolled();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const isNear = scrollHeight - scrollTop - clientHeight < NEAR;
    this.sticks = isNear || (this.sticks && scrollTop >= this.top); // what has just grown moves the end away, not the reader
    this.top = scrollTop;
    this.toEnd.hidden = this.sticks;
  }

  /** @param {{ part: string, ids?: Iterable<string> }} change */
  #changed({ part, ids }) {
    if (part === "items" && ids) for (const id of ids) this.stale?.add(id);
    else if (part === "items" || part === "thread" || part === "state") this.stale = null;
    this.#schedule();
  }

  #schedule() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.#draw();
    });
  }

  #draw() {
    const { chat, stale } = this;
    this.stale = new Set();
    if (!stale || [...stale].some((id) => this.#isOther(id))) this.#placeAll();
    else for (const id of stale) this.#place(id);
    this.older.hidden = !chat.before;
    this.#keepAtEnd();
  }

  /** Whether an item has become one of another type than is shown. @param {string} id */
  #isOther(id) {
    const [view, item] = [this.views.get(id), this.chat.items.get(id)];
    return Boolean(view && item && view.type !== item.type);
  }

  #placeAll() {
    for (const [id, { element }] of this.views) {
      if (this.chat.items.has(id) && !this.#isOther(id)) continue;
      element.remove();
      this.views.delete(id);
    }
    /** @type {Element | null} */
    let next = this.list.firstElementChild;
    for (const id of this.chat.items.keys()) {
      const view = this.#show(id);
      if (!view) continue;
      if (view.element === next) next = next.nextElementSibling;
      else this.list.insertBefore(view.element, next);
    }
  }

  /** @param {string} id */
  #place(id) {
    if (!this.chat.items.has(id)) {
      this.views.get(id)?.element.remove();
      this.views.delete(id);
      return;
    }
    const isNew = !this.views.has(id);
    const view = this.#show(id);
    if (isNew && view) this.list.append(view.element);
  }

  /** @param {string} id @returns {View | undefined} */
  #show(id) {
    const item = /** @type {Item} */ (this.chat.items.get(id));
    const view = this.views.get(id) ?? this.#viewOf(item);
    if (!view) return undefined;
    this.views.set(id, view);
    try {
      const wait = view.show(item, this.chat.pending.has(id));
      if (wait) setTimeout(() => this.#again(id), wait);
    } catch (error) {
      this.chat.tell("error", { error }); // one that cannot be shown leaves the others as they are
    }
    return view;
  }

  /** @param {string} id */
  #again(id) {
    this.stale?.add(id);
    this.#schedule();
  }

  /** @param {Item} item */
  #viewOf({ type }) {
    const room = { chat: this.chat, host: this.host, again: (/** @type {string} */ id) => this.#again(id) };
    if (Object.hasOwn(HERE, type)) return Object.assign(HERE[type](room), { type });
    return Object.hasOwn(ELSEWHERE, type) ? Object.assign(laterView(room, ELSEWHERE[type]), { type }) : undefined;
  }
}

/** A view whose module is still to be loaded. @param {Room} room @param {() => Promise<(room: Room) => View>} load @returns {View} */
function laterView(room, load) {
  const element = el("li", { className: "item" });
  /** @type {View | undefined} */
  let view;
  /** @type {[Item, boolean]} */
  let last;
  load().then((make) => {
    view = make(room);
    element.classList.add(...view.element.classList);
    element.append(view.element);
    if (last) room.again(last[0].id);
  });
  return {
    element,
    show(item, pending) {
      last = [item, pending];
      element.dataset.id = item.id;
      return view?.show(item, pending);
    },
  };
}

/** @param {Room} room @returns {View} */
function userView({ host }) {
  const quote = el("blockquote", { hidden: true });
  const files = el("ul", { className: "files", hidden: true });
  const text = el("div", { className: "bubble" });
  const label = el("span", { className: "hidden", textContent: strings.you });
  const element = el("li", { className: "item user" }, label, quote, files, text);
  return {
    element,
    show(item) {
      element.dataset.id = item.id;
      quote.hidden = !item.quoted_text;
      quote.textContent = item.quoted_text ?? "";
      files.hidden = !item.attachments?.length;
      files.replaceChildren(...(item.attachments ?? []).map(fileOf));
      text.hidden = !item.content.some((/** @type {any} */ part) => part.text);
      text.replaceChildren(...item.content.map((/** @type {any} */ part) => contentOf(part, host)));
    },
  };
}

/** @param {any} part of a user's message @param {any} host @returns {Node | string} */
export function contentOf(part, host) {
  if (part.type !== "input_tag") return part.text ?? "";
  const tag = el(part.interactive ? "button" : "span", { className: "tag", textContent: part.text });
  if (part.interactive) tag.addEventListener("click", () => host.options.entities?.onClick?.({ title: part.text, ...part }));
  return tag;
}

/** @param {any} attachment */
export function fileOf(attachment) {
  if (attachment.type === "image" && attachment.preview_url) {
    return el("li", { className: "picture" }, el("img", { src: attachment.preview_url, alt: attachment.name, loading: "lazy" }));
  }
  return el("li", { className: "file", textContent: attachment.name, title: attachment.mime_type });
}

/** @param {Room} room @returns {View} */
function assistantView(room) {
  const body = el("div", { className: "body" });
  const foot = el("div", { className: "foot" });
  const label = el("span", { className: "hidden", textContent: strings.assistant });
  const element = el("li", { className: "item assistant" }, label, body, foot);
  /** @type {Markdown[]} */
  const parts = [];
  /** @type {{ show: (changes: { item: Item, pending: boolean }) => void } | undefined} */
  let shown;
  let footed = false;
  return {
    element,
    show(item, pending) {
      element.dataset.id = item.id;
      element.classList.toggle("pending", pending);
      let wait = 0;
      item.content.forEach((/** @type {any} */ part, /** @type {number} */ at) => {
        if (!parts[at]) {
          const container = el("div", { className: "md", dir: "auto" });
          body.append(container);
          parts[at] = new Markdown(container, markdownOptions(room));
        }
        wait = Math.max(wait, parts[at].show(part.text, { done: !pending, annotations: part.annotations }));
      });
      while (parts.length > item.content.length) parts.pop()?.container.remove();
      if (!pending || footed) {
        footed = true;
        import("./message-foot.js").then(({ Foot }) => (shown ??= new Foot(room, foot)).show({ item: room.chat.items.get(item.id) ?? item, pending }));
      }
      return wait;
    },
  };
}

/** @param {Room} room */
export function markdownOptions({ chat, host }) {
  return {
    allowImage: (/** @type {URL} */ url) => {
      const domains = chat.thread?.allowed_image_domains ?? [];
      return domains.some((domain) => url.hostname === domain || url.hostname.endsWith(`.${domain}`));
    },
    onSource: (/** @type {any} */ annotation) => openSource(annotation.source, host),
  };
}

/** @param {any} source @param {any} host */
export function openSource(source, host) {
  if (source.type === "entity") host.options.entities?.onClick?.(source);
  else if (source.type === "url" && /^https?:/.test(source.url)) open(source.url, "_blank", "noopener,noreferrer");
}

/**
 * Return a new element.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {object} [properties] of the element
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function el(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}
