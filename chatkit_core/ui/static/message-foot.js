/**
 * What stands under an assistant's message: its sources, and what can be done with it.
 *
 * @import { Chat, Item } from "./chat.js"
 * @import { Room } from "./conversation.js"
 * @typedef {{ source: any, numbers: number[] }} Cited
 */

import { hidePreview, showPreview } from "./entity-preview.js";
import { icon } from "./icons.js";
import { fold, objects, sourceLine, text } from "./item-parts.js";
import { strings } from "./strings.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** So many sources are shown without a click. */
const FEW = 3;
const COPIED_FOR = 1500;

/** The feet of each conversation, by the id of the message. @type {WeakMap<Chat, Map<string, Foot>>} */
const conversations = new WeakMap();

/** @param {HTMLElement} element @param {Room} room @param {Item} item @param {boolean} pending */
export function showFoot(element, room, item, pending) {
  const feet = conversations.get(room.chat) ?? feetOf(room.chat);
  const known = feet.get(item.id);
  const foot = known?.element === element ? known : new Foot(room, element);
  feet.set(item.id, foot);
  Object.assign(foot, { item, pending, isStale: true });
  foot.draw(endOf(room.chat));
}

/** @param {Chat} chat */
function feetOf(chat) {
  /** @type {Map<string, Foot>} */
  const feet = new Map();
  conversations.set(chat, feet);
  chat.addEventListener("change", (event) => {
    if (/** @type {CustomEvent} */ (event).detail.part !== "turn") return;
    const end = endOf(chat);
    for (const [id, foot] of feet) {
      if (chat.items.has(id)) foot.draw(end);
      else feet.delete(id);
    }
  });
  return feet;
}

/** The message that the thread ends with, and the user's message that may be answered again. @param {Chat} chat */
function endOf(chat) {
  const messages = [...chat.items.values()].filter(({ type }) => type === "assistant_message" || type === "user_message");
  const mayRetry = !chat.turn && (chat.thread?.status?.type ?? "active") === "active";
  return { last: messages.at(-1)?.id, asked: mayRetry ? messages.findLast(({ type }) => type === "user_message")?.id : undefined };
}

class Foot {
  /** @param {Room} room @param {HTMLElement} element */
  constructor(room, element) {
    this.room = room;
    this.element = element;
    /** @type {Item} */
    this.item = { id: "", type: "" };
    this.pending = true;
    this.isStale = true;
    this.isLast = false;
    /** The message that a retry answers again. @type {string | undefined} */
    this.asked = undefined;
    this.isOpen = false;
    this.isCopied = false;
    /** @type {"positive" | "negative" | undefined} */
    this.feedback = undefined;
  }

  /** @param {{ last?: string, asked?: string }} end of the thread */
  draw({ last, asked }) {
    const isLast = last === this.item.id;
    if (isLast || this.isLast || this.isStale) this.#change({ isLast, asked: isLast ? asked : undefined, isStale: false });
  }

  /** @param {Partial<Foot>} changes */
  #change(changes) {
    Object.assign(this, changes);
    render(html`${this.#sources()}${this.pending ? nothing : this.#actions()}`, this.element);
  }

  #sources() {
    const all = cited(this.item);
    const list = () => html`<ol aria-label=${strings.sources}>${all.map((one) => html`<li>${this.#source(one)}</li>`)}</ol>`;
    const head = html`<span>${strings.sources}</span><span class="number">${all.length}</span>`;
    if (!all.length) return nothing;
    return html`<div class="sources">${all.length > FEW ? fold(this.isOpen, () => this.#change({ isOpen: !this.isOpen }), head, list) : list()}</div>`;
  }

  /** @param {Cited} cited */
  #source({ source, numbers }) {
    const number = html`<span class="number">${numbers.join(", ")}</span>`;
    if (source.type !== "entity") return sourceLine(source, number);
    const show = (/** @type {any} */ { currentTarget }) => showPreview(this.room, source, currentTarget);
    const onClick = source.interactive ? () => this.room.host.options.entities?.onClick?.(source) : show;
    return html`<button type="button" class="line" @click=${onClick} @focus=${show} @blur=${hidePreview} @pointerenter=${show} @pointerleave=${hidePreview}>
      ${number}${source.icon ? icon(text(source.icon)) : nothing}<span class="name" dir="auto">${text(source.title)}</span></button>`;
  }

  #actions() {
    const { feedback, retry } = this.room.host.options.threadItemActions ?? {};
    const { isCopied, isLast, asked } = this;
    return html`<div class="actions ${isLast ? "stay" : ""}">
      ${action(isCopied ? "check" : "copy", isCopied ? strings.copied : strings.copy, () => this.#copy())}
      ${feedback === false
        ? nothing
        : html`${action("thumb-up", strings.good, () => this.#rate("positive"), this.feedback === "positive")}
          ${action("thumb-down", strings.bad, () => this.#rate("negative"), this.feedback === "negative")}`}
      ${asked && retry !== false ? action("reload", strings.retry, () => this.#retry(asked)) : nothing}
    </div>`;
  }

  async #copy() {
    const { copy } = await import("./code.js");
    await copy(objects(this.item.content).map((part) => text(part.text)).join("\n\n"));
    this.room.host.status.textContent = strings.copied;
    this.#change({ isCopied: true });
    setTimeout(() => this.#change({ isCopied: false }), COPIED_FOR);
  }

  /** @param {"positive" | "negative"} kind */
  #rate(kind) {
    const { chat } = this.room;
    const before = this.feedback;
    this.#change({ feedback: kind });
    this.#try(
      () => chat.op("items.feedback", { thread_id: chat.threadId, item_ids: [this.item.id], kind }),
      () => this.#change({ feedback: before }),
    );
  }

  /** @param {string} asked */
  #retry(asked) {
    const { host } = this.room;
    host.conversation.element.focus({ preventScroll: true }); // the button goes away
    this.#try(() => host.whole.then(() => host.sender.retry(asked)));
  }

  /** @param {() => Promise<unknown>} what @param {() => void} [undo] */
  async #try(what, undo) {
    try {
      await what();
    } catch (error) {
      undo?.();
      this.room.chat.tell("error", { error });
    }
  }
}

/** @param {string} name @param {string} label @param {() => void} onClick @param {boolean} [isPressed] */
function action(name, label, onClick, isPressed) {
  return html`<button type="button" class="quiet icon" title=${label} aria-label=${label} aria-pressed=${isPressed ?? nothing} @click=${onClick}>
    ${icon(name)}</button>`;
}

/** The sources of a message, each once, with its numbers in the text; those of a group together. @param {Item} item @returns {Cited[]} */
function cited({ content }) {
  /** @type {Map<string, Cited>} */
  const found = new Map();
  for (const { annotations } of objects(content)) {
    objects(annotations).forEach(({ source }, at) => {
      if (!source) return;
      const key = JSON.stringify([source.type, source.url ?? source.id ?? source.filename, source.title]);
      const cited = found.get(key) ?? { source, numbers: [] };
      cited.numbers.push(at + 1);
      found.set(key, cited);
    });
  }
  return [...Map.groupBy(found.values(), (one) => one.source.group ?? one).values()].flat();
}
