/**
 * What the user does to a conversation: send, stop, try again, answer. A message that has not reached the server is kept,
 * also over a reload, and sent again under the same idempotency key when the user asks: so it arrives once.
 *
 * @import { Chat } from "./chat.js"
 * @import { Frame } from "./follow.js"
 * @typedef {{ content: any[], attachments: any[], quoted_text?: string, inference_options: object }} Input
 * @typedef {{ key: string, input: Input, threadId: string | null, turnId?: string, state: "sending" | "queued" | "unsent",
 *   error?: string }} Outgoing
 */

import { ChatError } from "./chat.js";
import { apply } from "./events.js";
import { Follow, framesOf } from "./follow.js";

const KEPT = "chatkit outgoing";

export class Sender {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** Messages that are not in the thread yet, in order. @type {Outgoing[]} */
    this.outgoing = [];
    /** The turns that this tab has started. @type {Set<string>} */
    this.own = new Set();
    /** The turns whose message is in the thread, or never will be. @type {Set<string>} */
    this.settled = new Set();
    /** @type {Follow | undefined} */
    this.follow = undefined;
    chat.addEventListener("arrived", (event) => this.#arrived(/** @type {CustomEvent} */ (event).detail.turnId));
    chat.addEventListener("ended", (event) => this.#arrived(/** @type {CustomEvent} */ (event).detail.id));
    addEventListener("storage", ({ key }) => key === this.#place && this.#recall());
  }

  /** The thread is another one, or has been loaded: follow it, and show what was not sent. */
  begin() {
    this.follow?.close();
    this.follow = this.chat.threadId ? new Follow(this.chat) : undefined;
    this.#recall();
    for (const message of this.outgoing) if (message.turnId) this.#check(message, message.turnId);
  }

  /** A message that was queued may have come to its turn while nobody looked. @param {Outgoing} message @param {string} turnId */
  async #check(message, turnId) {
    const turn = await this.chat.op("turns.get", { turn_id: turnId }).catch(() => ({ status: "gone" }));
    if (turn.status === "queued") this.chat.queued.set(turnId, turn);
    else this.#forget(message);
  }

  close() {
    this.follow?.close();
  }

  /** Send a message. @param {Input} input */
  send(input) {
    /** @type {Outgoing} */
    const message = { key: crypto.randomUUID(), input, threadId: this.chat.threadId, state: "sending" };
    this.outgoing.push(message);
    this.chat.failure = null;
    return this.#send(message);
  }

  /** Send what was not sent. @param {Outgoing} message */
  sendAgain(message) {
    Object.assign(message, { state: "sending", error: undefined });
    return this.#send(message);
  }

  /** Forget a message that was not sent, or take one back that is queued. @param {Outgoing} message */
  async discard(message) {
    if (message.turnId) await this.chat.op("turns.cancel", { turn_id: message.turnId });
    this.#forget(message);
  }

  /** Stop the reply, everywhere. */
  async stop() {
    if (this.chat.turn) await this.chat.op("turns.cancel", { turn_id: this.chat.turn.id });
  }

  /** Answer a message again. @param {string} itemId of the user's message */
  retry(itemId) {
    this.chat.failure = null;
    return this.#start("threads.retry_after_item", { thread_id: this.chat.threadId, item_id: itemId });
  }

  /** Send an action whose answer may stream. @param {object} action @param {string} [itemId] */
  action(action, itemId) {
    return this.#start("threads.custom_action", { thread_id: this.chat.threadId, item_id: itemId, action });
  }

  /** Send an action that is answered with an item at most. @param {object} action @param {string} [itemId] */
  async syncAction(action, itemId) {
    const params = { thread_id: this.chat.threadId, item_id: itemId, action };
    const { updated_item: item } = await this.chat.op("threads.sync_custom_action", params);
    if (!item) return;
    this.chat.items.set(item.id, item);
    this.chat.changed("items", [item.id]);
  }

  /** @param {string} itemId @param {any} result of the tool */
  toolOutput(itemId, result) {
    return this.#start("threads.add_client_tool_output", { thread_id: this.chat.threadId, item_id: itemId, result });
  }

  /** @param {string} itemId @param {object} input the answers */
  answer(itemId, input) {
    return this.#start("threads.add_structured_input", { thread_id: this.chat.threadId, item_id: itemId, input });
  }

  /** Start a turn of a thread that exists; what it says comes by the follow. @param {string} type @param {object} params */
  async #start(type, params) {
    const response = await this.chat.stream(type, params);
    const turnId = response.headers.get("ChatKit-Turn-Id");
    if (turnId) this.own.add(turnId);
    await response.body?.cancel();
    return turnId;
  }

  /** @param {Outgoing} message */
  async #send(message) {
    this.#changed();
    const { input, key, threadId } = message;
    const wire = { ...input, attachments: input.attachments.map(({ id }) => id) };
    const params = { input: wire, turn: { idempotency_key: key } };
    try {
      if (threadId) {
        message.turnId = (await this.#start("threads.add_user_message", { ...params, thread_id: threadId })) ?? undefined;
        message.state = "queued";
      } else {
        await this.#create(message, params);
      }
      if (message.turnId && this.settled.has(message.turnId)) this.#forget(message);
    } catch (error) {
      message.state = "unsent";
      message.error = error instanceof ChatError ? error.code : "offline";
      this.chat.tell("error", { error });
    }
    this.#changed();
  }

  /** Begin a thread: read its answer until the thread is known, then follow. @param {Outgoing} message @param {object} params */
  async #create(message, params) {
    const response = await this.chat.stream("threads.create", params);
    message.turnId = response.headers.get("ChatKit-Turn-Id") ?? undefined;
    if (message.turnId) this.own.add(message.turnId);
    /** @type {Frame[]} */
    const said = [];
    for await (const frames of framesOf(/** @type {ReadableStream<Uint8Array>} */ (response.body))) {
      for (const frame of frames) {
        apply(this.chat, frame.cursor, frame.event);
        said.push(frame);
      }
      if (this.chat.threadId) break;
    }
    message.threadId = this.chat.threadId;
    this.follow = this.chat.threadId ? new Follow(this.chat, said) : undefined;
    this.chat.tell("thread.change", { threadId: this.chat.threadId });
  }

  // What is kept

  /** The turn's message is in the thread, or never will be. @param {string} turnId */
  #arrived(turnId) {
    this.settled.add(turnId);
    const message = this.outgoing.find((one) => one.turnId === turnId);
    if (message) this.#forget(message);
  }

  /** @param {Outgoing} message */
  #forget(message) {
    this.outgoing = this.outgoing.filter((one) => one !== message);
    this.#changed();
  }

  get #place() {
    return `${KEPT} ${this.chat.api.endpoint} ${this.chat.threadId ?? ""}`;
  }

  #recall() {
    /** @type {Outgoing[]} */
    let kept = [];
    try {
      kept = JSON.parse(localStorage.getItem(this.#place) ?? "[]");
    } catch {
      // what is there is not ours, or there is no storage: nothing is recalled
    }
    const here = new Map(this.outgoing.map((message) => [message.key, message]));
    const sending = this.outgoing.filter((message) => message.state === "sending");
    this.outgoing = [...kept.map((message) => here.get(message.key) ?? revived(message)), ...sending.filter((one) => !kept.some(({ key }) => key === one.key))];
    this.chat.changed("turn");
  }

  #changed() {
    try {
      if (this.outgoing.length) localStorage.setItem(this.#place, JSON.stringify(this.outgoing));
      else localStorage.removeItem(this.#place);
    } catch {
      // no storage: a reload forgets what was not sent
    }
    this.chat.changed("turn");
  }
}

/** A message that was being sent when the page went away may have arrived or not: the user decides. @param {Outgoing} message */
function revived(message) {
  return message.state === "sending" ? { ...message, state: /** @type {const} */ ("unsent"), error: "offline" } : message;
}
