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

/** Items of any other type are not shown. @type {Record<string, (room: Room) => View>} */
const VIEWS = {
  user_message: userView,
  assistant_message: assistantView,
  widget: elsewhere("./widget-item.js", "widgetView"),
  workflow: elsewhere("./work-items.js", "workflowView"),
  task: elsewhere("./work-items.js", "taskView"),
  generated_image: elsewhere("./work-items.js", "imageView"),
  client_tool_call: elsewhere("./work-items.js", "toolView"),
  structured_input: elsewhere("./questions.js", "questionsView"),
};

export class Conversation {
  /** The items to draw; null for all. @type {Set<string> | null} */
  stale = null;
  /** @type {Map<string, View & { type: string }>} */
  views = new Map();
  sticks = true;
  /** How far it was scrolled last, in pixels. */
  top = 0;

  /** @param {Chat} chat @param {any} host the element, with the host page's handlers */
  constructor(chat, host) {
    this.chat = chat;
    /** @type {Room} */
    this.room = { chat, host, again: (id) => this.#changed({ ids: [id] }) };
    this.list = el("ol", { className: "items" });
    this.older = el("button", { type: "button", className: "quiet older", textContent: strings.loadMore, onclick: () => chat.loadOlder() });
    this.tail = el("div", { className: "tail" });
    const column = el("div", { className: "column" }, this.older, this.list, this.tail);
    this.element = el("div", { className: "scroller", tabIndex: 0, role: "region", ariaLabel: strings.conversation }, column);
    const { toEnd } = strings;
    this.toEnd = el("button", { type: "button", className: "to-end", ariaLabel: toEnd, title: toEnd, onclick: () => this.scrollToEnd() });
    this.element.onscroll = () => this.#scrolled();
    const sizes = new ResizeObserver(() => this.#keepAtEnd());
    sizes.observe(column);
    sizes.observe(this.element);
    this.schedule = oncePerFrame(() => this.#draw());
    chat.on("change", (change) => this.#changed(change));
    this.schedule();
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
    // What has just grown moves the end away, not the reader.
    this.sticks = isNear || (this.sticks && scrollTop >= this.top);
    this.top = scrollTop;
    this.toEnd.hidden = this.sticks;
  }

  /** @param {{ part?: string, ids?: Iterable<string> }} change */
  #changed({ part, ids }) {
    if (ids) for (const id of ids) this.stale?.add(id);
    else if (part === "items" || part === "thread") this.stale = null;
    this.schedule();
  }

  #draw() {
    const { chat, stale, views } = this;
    this.stale = new Set();
    for (const [id, { element, type }] of views) {
      if (chat.items.get(id)?.type === type) continue;
      element.remove();
      views.delete(id);
    }
    /** @type {Element | null} */
    let next = this.list.firstElementChild;
    for (const [id, item] of chat.items) {
      const isNew = !views.has(id);
      if (isNew && Object.hasOwn(VIEWS, item.type)) views.set(id, Object.assign(VIEWS[item.type](this.room), { type: item.type }));
      const view = views.get(id);
      if (!view) continue;
      view.element.dataset.id = id;
      if (isNew || !stale || stale.has(id)) this.#show(view, item);
      if (view.element === next) next = next.nextElementSibling;
      else this.list.insertBefore(view.element, next);
    }
    this.older.hidden = !chat.before;
    this.#keepAtEnd();
  }

  /** @param {View} view @param {Item} item */
  #show(view, item) {
    const { chat } = this;
    try {
      const wait = view.show(item, chat.pending.has(item.id));
      if (wait) setTimeout(this.room.again, wait, item.id);
    } catch (error) {
      // One that cannot be shown leaves the others as they are.
      chat.tell("error", { error });
    }
  }
}

/** Return what asks for an animation frame in which to act, unless there is one. @param {() => void} act */
export function oncePerFrame(act) {
  /** @type {number | undefined} */
  let frame;
  return () => {
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      act();
    });
  };
}

/** Return what makes a view whose module is loaded then. @param {string} module @param {string} name @returns {(room: Room) => View} */
function elsewhere(module, name) {
  return (room) => {
    const element = el("li", { className: "item" });
    /** @type {View | undefined} */
    let view;
    import(module).then(({ [name]: make }) => {
      view = /** @type {View} */ (make(room));
      element.classList.add(...view.element.classList);
      element.append(view.element);
      room.again(element.dataset.id ?? "");
    });
    return {
      element,
      show(item, pending) {
      return view?.show(item, pending);
      },
    };
  };
}

/** @param {Room} room @returns {View} */
function userView({ host }) {
  const quote = el("blockquote");
  const files = el("ul", { className: "files" });
  const text = el("div", { className: "bubble" });
  const element = el("li", { className: "item user" }, el("span", { className: "hidden", textContent: strings.you }), quote, files, text);
  return {
    element,
    show(item) {
      quote.hidden = !item.quoted_text;
      quote.textContent = item.quoted_text;
      files.replaceChildren(...(item.attachments ?? []).map(fileOf));
      files.hidden = !files.firstChild;
      text.hidden = !item.content.some((/** @type {any} */ part) => part.text);
      text.replaceChildren(...item.content.map((/** @type {any} */ part) => contentOf(part, host)));
    },
  };
}

/** @param {any} part of a user's message @param {any} host @returns {Node | string} */
export function contentOf(part, host) {
  if (part.type !== "input_tag") return part.text ?? "";
  const tag = { className: "tag", textContent: part.text };
  if (!part.interactive) return el("span", tag);
  return el("button", { ...tag, onclick: () => host.options.entities?.onClick?.({ title: part.text, ...part }) });
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
  const element = el("li", { className: "item assistant" }, el("span", { className: "hidden", textContent: strings.assistant }), body, foot);
  /** @type {Markdown[]} */
  const parts = [];
  /** @type {{ show: (changes: { item: Item, pending: boolean }) => void } | undefined} */
  let shown;
  let footed = false;
  return {
    element,
    show(item, pending) {
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
      for (const part of parts.splice(item.content.length)) part.container.remove();
      footed ||= !pending;
      if (footed) import("./message-foot.js").then(({ Foot }) => (shown ??= new Foot(room, foot)).show({ item: room.chat.items.get(item.id) ?? item, pending }));
      return wait;
    },
  };
}

/** @param {Room} room */
export function markdownOptions({ chat, host }) {
  return {
    allowImage: (/** @type {URL} */ url) => {
      const domains = chat.thread?.allowed_image_domains ?? [];
      return domains.some((domain) => `.${url.hostname}`.endsWith(`.${domain}`));
    },
    onSource: (/** @type {any} */ { source }) => {
      if (source.type === "entity") host.options.entities?.onClick?.(source);
      else if (source.type === "url" && /^https?:/.test(source.url)) open(source.url, "_blank", "noopener,noreferrer");
    },
  };
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
