/**
 * The card that tells about an entity while the pointer or the focus is on it: what the host page draws, else its label
 * and description.
 *
 * @import { Room } from "./conversation.js"
 */

import { el } from "./conversation.js";
import { text } from "./item-parts.js";
import { place } from "./menu.js";

/** Milliseconds that the pointer rests before the card comes, and in which it may cross over to the card. */
const REST = 200;

const card = el("div", {
  className: "preview",
  id: "entity-preview",
  role: "tooltip",
  popover: "manual",
  onpointerenter: () => clearTimeout(timer),
  onpointerleave: hidePreview,
});
addEventListener("keydown", ({ key }) => key === "Escape" && card.remove());
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {Room} room @param {any} entity @param {HTMLElement} anchor */
export function showPreview(room, entity, anchor) {
  clearTimeout(timer);
  const mine = (timer = setTimeout(async () => {
    const content = await contentOf(room, entity);
    if (mine !== timer || !content.length || !anchor.isConnected) return;
    card.replaceChildren(...content);
    room.host.main.append(card);
    card.togglePopover(true);
    place(card, anchor.getBoundingClientRect());
    anchor.setAttribute("aria-describedby", card.id);
  }, REST));
}

export function hidePreview() {
  clearTimeout(timer);
  timer = setTimeout(() => card.remove(), REST);
}

/** @param {Room} room @param {any} entity @returns {Promise<Node[]>} */
async function contentOf(room, entity) {
  try {
    const { preview: widget } = (await room.host.options.entities?.onRequestPreview?.(entity)) ?? {};
    if (widget) return [await drawn(room, widget)];
  } catch (error) {
    room.chat.tell("error", { error });
  }
  const [label, description] = [text(entity.label), text(entity.description)];
  if (!label && !description) return [];
  return [el("strong", { textContent: label || text(entity.title) }), el("p", { textContent: description })];
}

/** @param {Room} room @param {any} widget */
async function drawn(room, widget) {
  const { widgetView } = await import("./widget-item.js");
  const view = widgetView(room);
  view.show({ id: "preview", type: "widget", widget }, false);
  view.element.inert = true; // it belongs to no item that could answer
  return view.element;
}
