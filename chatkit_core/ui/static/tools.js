/**
 * Runs the client tools that a reply calls, with the host page's `onClientTool`. One tab runs each: the one that sent the
 * message, else whichever takes its lock.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 * @import { Item } from "./chat.js"
 */

import { strings } from "./strings.js";

/** Milliseconds that the other tabs leave to the one that sent the message. */
const HEAD_START = 1500;

/** @param {ChatKitChat} host */
export function runTools(host) {
  const { chat, sender } = host;
  if (!chat || !sender) return;
  /** @type {Set<string>} */
  const begun = new Set();
  const look = () => {
    if (chat.turn?.status !== "waiting") return;
    for (const { item_id: id, kind } of chat.turn.waiting_for ?? []) {
      const item = chat.items.get(id);
      if (kind !== "client_tool" || item?.status !== "pending" || begun.has(id)) continue;
      begun.add(id);
      setTimeout(() => run(host, item), sender.own.has(chat.turn.id) ? 0 : HEAD_START);
    }
  };
  chat.addEventListener("change", look);
  look();
}

/** @param {ChatKitChat} host @param {Item} item */
async function run(host, item) {
  const call = async () => {
    if (host.chat?.items.get(item.id)?.status !== "pending") return;
    await host.sender?.toolOutput(item.id, await outputOf(host, item));
  };
  if (!navigator.locks) return call();
  return navigator.locks.request(`chatkit tool ${item.id}`, { ifAvailable: true }, (lock) => (lock ? call() : undefined));
}

/** @param {ChatKitChat} host @param {Item} item */
async function outputOf(host, { name, arguments: params }) {
  const handler = host.options.onClientTool;
  if (!handler) return { error: strings.toolMissing(name) };
  try {
    return (await handler({ name, params })) ?? null;
  } catch (error) {
    host.dispatchEvent(new CustomEvent("chatkit.error", { detail: { error }, bubbles: true, composed: true }));
    return { error: String(error) };
  }
}
