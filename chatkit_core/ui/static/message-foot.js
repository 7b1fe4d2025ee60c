/**
 * What stands under an assistant's message: its sources, and what can be done with it. While the pointer or the focus is on
 * a source that is an entity, a card tells about it: what the host page draws, else its label and description.
 *
 * @import { Item } from "./chat.js"
 * @import { Room } from "./conversation.js"
 * @typedef {{ source: any, numbers: number[] }} Cited
 */

import { el } from "./conversation.js";
import { icon, iconButton } from "./icons.js";
import { folding, objects, sourceLine, text } from "./item-parts.js";
import { place } from "./menus.js";
import { strings } from "./strings.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** So many sources are shown without a click. */
const FEW = 3;
/** Milliseconds that the pointer rests before the card comes, and in which it may cross over to the card. */
const REST = 200;

export class Foot {
  /** @type {Item} */
  item = { id: "", type: "" };
  pending = true;
  isCopied = false;
  /** @type {"positive" | "negative" | undefined} */
  feedback = undefined;

  /** @param {Room} room @param {HTMLElement} element */
  constructor(room, element) {
    this.room = room;
    this.element = element;
    this.fold = folding(room);
  }

  /** @param {Partial<Foot>} changes */
  show(changes) {
    Object.assign(this, changes);
    render(html`${this.#sources()}${this.pending ? nothing : this.#actions()}`, this.element);
  }

  #sources() {
    const all = cited(this.item);
    if (!all.length) return nothing;
    const list = () => html`<ol aria-label=${strings.sources}>${all.map((one) => html`<li>${this.#source(one)}</li>`)}</ol>`;
    const head = html`<span>${strings.sources}</span><span class="number">${all.length}</span>`;
    return html`<div class="sources">${all.length > FEW ? this.fold(this.item.id, head, list) : list()}</div>`;
  }

  /** @param {Cited} cited */
  #source({ source, numbers }) {
    const number = html`<span class="number">${numbers.join(", ")}</span>`;
    if (source.type !== "entity") return sourceLine(source, number);
    const show = (/** @type {any} */ { currentTarget }) => showCard(this.room, source, currentTarget);
    const onClick = source.interactive ? () => this.room.host.options.entities?.onClick?.(source) : show;
    return html`<button type="button" class="line" @click=${onClick} @focus=${show} @blur=${hideCard} @pointerenter=${show} @pointerleave=${hideCard}>
      ${number}${source.icon ? icon(text(source.icon)) : nothing}<span class="name" dir="auto">${text(source.title)}</span></button>`;
  }

  /** Only the reply that the thread ends with shows that it can be tried again, by the style sheet. */
  #actions() {
    const { feedback, retry } = this.room.host.options.threadItemActions ?? {};
    const { isCopied } = this;
    return html`<div class="actions">
      ${iconButton(isCopied ? "check" : "copy", isCopied ? strings.copied : strings.copy, () => this.#copy())}
      ${feedback === false ? nothing : html`${this.#thumb("thumb-up", strings.good, "positive")}${this.#thumb("thumb-down", strings.bad, "negative")}`}
      ${retry === false ? nothing : html`<span class="retry">${iconButton("reload", strings.retry, () => this.#retry())}</span>`}
    </div>`;
  }

  /** @param {string} name @param {string} label @param {"positive" | "negative"} kind */
  #thumb(name, label, kind) {
    return iconButton(name, label, () => this.#rate(kind), { pressed: this.feedback === kind });
  }

  async #copy() {
    const { copy } = await import("./finish.js");
    await copy(objects(this.item.content).map((part) => text(part.text)).join("\n\n"), (isCopied) => this.show({ isCopied }));
    this.room.host.status.textContent = strings.copied;
  }

  /** @param {"positive" | "negative"} kind */
  async #rate(kind) {
    const { chat } = this.room;
    const { feedback } = this;
    this.show({ feedback: kind });
    try {
      await chat.op("items.feedback", { thread_id: chat.threadId, item_ids: [this.item.id], kind });
    } catch (error) {
      this.show({ feedback });
      chat.tell("error", { error });
    }
  }

  async #retry() {
    const { host } = this.room;
    host.conversation.element.focus({ preventScroll: true }); // the button goes away
    await host.whole;
    host.view.retry();
  }
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

// The card

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
const card = el("div", { className: "preview", id: "entity-preview", role: "tooltip", popover: "manual" });
card.addEventListener("pointerenter", () => clearTimeout(timer));
card.addEventListener("pointerleave", hideCard);
addEventListener("keydown", ({ key }) => key === "Escape" && card.remove());

/** @param {Room} room @param {any} entity @param {HTMLElement} anchor */
function showCard(room, entity, anchor) {
  clearTimeout(timer);
  const mine = (timer = setTimeout(async () => {
    const content = await aboutOf(room, entity);
    if (mine !== timer || !content.length || !anchor.isConnected) return;
    card.replaceChildren(...content);
    room.host.main.append(card);
    card.togglePopover(true);
    place(card, anchor.getBoundingClientRect());
    anchor.setAttribute("aria-describedby", card.id);
  }, REST));
}

function hideCard() {
  clearTimeout(timer);
  timer = setTimeout(() => card.remove(), REST);
}

/** @param {Room} room @param {any} entity @returns {Promise<Node[]>} */
async function aboutOf(room, entity) {
  try {
    const { preview: widget } = (await room.host.options.entities?.onRequestPreview?.(entity)) ?? {};
    if (widget) {
      const { widgetView } = await import("./widget-item.js");
      const view = widgetView(room);
      view.show({ id: "preview", type: "widget", widget }, false);
      view.element.inert = true; // it belongs to no item that could answer
      return [view.element];
    }
  } catch (error) {
    room.chat.tell("error", { error });
  }
  const [label, description] = [text(entity.label), text(entity.description)];
  if (!label && !description) return [];
  return [el("strong", { textContent: label || text(entity.title) }), el("p", { textContent: description })];
}
