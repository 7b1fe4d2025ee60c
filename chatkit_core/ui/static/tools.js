/**
 * Runs the client tools that a reply calls, with the host page's `onClientTool`. One tab runs each: the one that sent the
 * message, else whichever takes its lock.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 * @import { Item, Turn } from "./chat.js"
 * @typedef {{ item: Item, turn: Turn, isOwn: boolean }} Call
 */

import { strings } from "./strings.js";

/** Milliseconds that the other tabs leave to the one that sent the message. */
const HEAD_START = 1500;
/** Milliseconds after which an output is sent again that did not reach the server. */
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 15_000;

/** @param {ChatKitChat} host */
export function runTools(host) {
  const { chat, sender } = host;
  /** @type {Set<string>} */
  const begun = new Set();
  const look = () => {
    const { turn } = chat;
    if (turn?.status !== "waiting") return;
    for (const { item_id: id, kind } of turn.waiting_for ?? []) {
      const item = chat.items.get(id);
      if (kind !== "client_tool" || item?.status !== "pending" || begun.has(id)) continue;
      begun.add(id);
      const isOwn = sender.own.has(turn.id);
      setTimeout(run, isOwn ? 0 : HEAD_START, host, { item, turn, isOwn });
    }
  };
  chat.on("change", look);
  look();
}

/** Run a call unless another tab does; if that is closed before it has, go on. @param {ChatKitChat} host @param {Call} call */
async function run(host, call) {
  const ask = async () => !(await isOpen(host, call)) || answer(host, call);
  if (!navigator.locks) return ask();
  const name = `chatkit tool ${call.item.id}`;
  const isOver = await navigator.locks.request(name, { ifAvailable: true }, (lock) => lock && (call.isOwn ? answer(host, call) : ask()));
  if (!isOver) navigator.locks.request(name, ask);
}

/** Whether the call waits for its output still; what this tab has heard may be old. @param {ChatKitChat} host @param {Call} call */
async function isOpen({ chat }, { item, turn }) {
  const now = await chat?.op("turns.get", { turn_id: turn.id }).catch(() => turn);
  return now?.status === "waiting" && now.waiting_for?.some((/** @type {any} */ { item_id: id }) => id === item.id);
}

/** @param {ChatKitChat} host @param {Call} call */
async function answer(host, { item, turn }) {
  const output = await outputOf(host, item);
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    try {
      await host.sender?.toolOutput(turn.thread_id, item.id, output);
      return true;
    } catch (error) {
      const { status } = /** @type {any} */ (error);
      if (status >= 400 && status < 500 && status !== 429) return true; // it has one, or is over
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

/** @param {ChatKitChat} host @param {Item} item */
async function outputOf(host, { name, arguments: params }) {
  const handler = host.options.onClientTool;
  if (!handler) return { error: strings.toolMissing(name) };
  try {
    return (await handler({ name, params })) ?? null;
  } catch (error) {
    host.chat.tell("error", { error });
    return { error: String(error) };
  }
}
