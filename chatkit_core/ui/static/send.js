/**
 * What the user does to a conversation: send, stop, try again, answer. A message that has not reached the server is kept,
 * also over a reload, and sent again under the same idempotency key when the user asks: so it arrives once.
 *
 * @import { Chat } from "./chat.js"
 * @import { Frame } from "./follow.js"
 * @typedef {{ content: any[], attachments: any[], quoted_text?: string, inference_options: object }} Input
 * @typedef {{ key: string, input: Input, threadId: string | null, turnId?: string | null, state: "sending" | "queued" | "unsent",
 *   error?: string }} Outgoing
 */

import { ChatError } from "./chat.js";
import { apply } from "./events.js";
import { Follow, framesOf } from "./follow.js";

export class Sender {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    /** Messages that are not in their thread yet, in order. @type {Outgoing[]} */
    this.all = [];
    /** Those that are on their way from here, by their keys. @type {Map<string, Outgoing>} */
    this.leaving = new Map();
    /** The turns that this tab has started. @type {Set<string>} */
    this.own = new Set();
    /** The turns whose message is in the thread, or never will be. @type {Set<string | null | undefined>} */
    this.settled = new Set();
    chat.on("arrived", (turn) => this.#arrived(turn));
    chat.on("ended", (turn) => this.#arrived(turn));
    chat.on("shown", () => this.#checkAll());
  }

  #onStorage = (/** @type {StorageEvent} */ { key }) => {
    if (key === this.#place(this.chat.threadId)) this.#recall();
  };

  /** The messages that are not in the thread yet, in order. */
  get outgoing() {
    return this.all.filter(({ threadId }) => threadId === this.chat.threadId);
  }

  /** The thread is another one, or has been loaded: follow it, and show what was not sent. */
  begin() {
    this.close();
    addEventListener("storage", this.#onStorage);
    /** Whether the thread is followed as soon as there is one: not while the element is out of the page. */
    this.isOpen = true;
    this.follow = this.chat.threadId ? new Follow(this.chat) : undefined;
    // A message that was being sent when the page went away may have arrived or not: the user decides.
    const isLost = (/** @type {Outgoing} */ { key, state }) => state === "sending" && !this.leaving.has(key);
    this.#keep(this.chat.threadId, (kept) => kept.map((message) => (isLost(message) ? { ...message, state: "unsent", error: "offline" } : message)));
    this.#recall();
    this.#checkAll();
  }

  /** Messages that were queued may have come to their turns while nobody looked. */
  #checkAll() {
    for (const message of this.outgoing) this.#check(message);
  }

  /** @param {Outgoing} message */
  async #check(message) {
    const { visit } = this.chat;
    const { key, turnId } = message;
    if (!turnId || this.leaving.has(key)) return;
    const turn = await this.chat.op("turns.get", { turn_id: turnId }).catch(() => null);
    if (turn?.status !== "queued") this.#forget(message);
    else if (this.chat.visit === visit) this.chat.queued.set(turnId, turn);
  }

  close() {
    this.isOpen = false;
    removeEventListener("storage", this.#onStorage);
    this.follow?.close();
  }

  /** Send a message. @param {Input} input */
  send(input) {
    // The key is one that nobody else has. (`crypto.randomUUID` is there only in secure contexts, and a page may come over plain HTTP.)
    const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
    /** @type {Outgoing} */
    const message = { key, input, threadId: this.chat.threadId, state: "sending" };
    this.all.push(message);
    this.chat.failure = null;
    return this.#send(message);
  }

  /** Send what was not sent. @param {Outgoing} message */
  async sendAgain(message) {
    if (this.leaving.has(message.key)) return;
    Object.assign(message, { state: "sending", error: undefined });
    await this.#send(message);
  }

  /** Forget a message that was not sent, or take one back that is queued. @param {Outgoing} message */
  async discard(message) {
    await this.#cancel(message.turnId);
    this.#forget(message);
  }

  /** Stop the reply, everywhere. */
  stop() {
    return this.#cancel(this.chat.turn?.id);
  }

  /** @param {string | null} [turnId] */
  async #cancel(turnId) {
    if (turnId) await this.chat.op("turns.cancel", { turn_id: turnId });
  }

  /** Answer a message again. @param {string} itemId of the user's message */
  retry(itemId) {
    this.chat.failure = null;
    return this.#start("threads.retry_after_item", { item_id: itemId });
  }

  /** Send an action whose answer may stream. @param {object} action @param {string} [itemId] */
  action(action, itemId) {
    return this.#start("threads.custom_action", { item_id: itemId, action });
  }

  /** Send an action that is answered with an item at most. @param {object} action @param {string} [itemId] */
  async syncAction(action, itemId) {
    const { threadId, visit } = this.chat;
    const { updated_item: item } = await this.chat.op("threads.sync_custom_action", { thread_id: threadId, item_id: itemId, action });
    if (!item || this.chat.visit !== visit) return;
    this.chat.items.set(item.id, item);
    this.chat.changed("items", [item.id]);
  }

  /** @param {string} threadId @param {string} itemId @param {any} result of the tool */
  toolOutput(threadId, itemId, result) {
    return this.#start("threads.add_client_tool_output", { thread_id: threadId, item_id: itemId, result });
  }

  /** @param {string} itemId @param {object} input the answers */
  answer(itemId, input) {
    return this.#start("threads.add_structured_input", { item_id: itemId, input });
  }

  /** Start a turn of a thread, else of the one that is shown; what it says comes by the follow. @param {string} type @param {object} params */
  async #start(type, params) {
    const { body, turnId } = await this.#ask(type, { thread_id: this.chat.threadId, ...params });
    await body?.cancel();
    return turnId;
  }

  /** Send an op that starts a turn: it is this tab's own. @param {string} type @param {object} params */
  async #ask(type, params) {
    const { body, headers } = await this.chat.stream(type, params);
    const turnId = headers.get("ChatKit-Turn-Id");
    if (turnId) this.own.add(turnId);
    return { body, turnId };
  }

  /** @param {Outgoing} message */
  async #send(message) {
    const { input, key, threadId } = message;
    this.leaving.set(key, message);
    this.#changed(message);
    const params = { input: { ...input, attachments: input.attachments.map(({ id }) => id) }, turn: { idempotency_key: key } };
    try {
      if (threadId) message.turnId = await this.#start("threads.add_user_message", { ...params, thread_id: threadId });
      else await this.#create(message, params);
      message.state = "queued";
    } catch (error) {
      message.state = "unsent";
      message.error = error instanceof ChatError ? error.code : "offline";
      this.chat.tell("error", { error });
    }
    this.leaving.delete(key);
    if (this.settled.has(message.turnId)) this.#forget(message);
    else this.#changed(message);
  }

  /** Begin a thread: read its answer until the thread is known, then follow. @param {Outgoing} message @param {object} params */
  async #create(message, params) {
    const { visit } = this.chat;
    const { body, turnId } = await this.#ask("threads.create", params);
    message.turnId = turnId;
    /** @type {Frame[]} */
    const said = [];
    let threadId = "";
    for await (const frames of framesOf(/** @type {ReadableStream<Uint8Array>} */ (body))) {
      said.push(...frames);
      threadId = said.find(({ event }) => event.type === "thread.created")?.event.thread.id ?? "";
      if (threadId) break;
    }
    if (!threadId) throw new ChatError(0, "offline", "The answer names no thread.");
    this.#drop(message);
    message.threadId = threadId;
    if (this.chat.visit !== visit || this.chat.threadId) {
      // Another thread is shown: this one has its message when it is opened.
      if (turnId) this.settled.add(turnId);
      return;
    }
    for (const { cursor, event } of said) apply(this.chat, cursor, event);
    if (this.isOpen) this.follow = new Follow(this.chat, said);
    this.chat.tell("thread.change", { threadId });
  }

  // What is kept

  /** The turn's message is in the thread, or never will be. @param {{ id: string }} turn */
  #arrived({ id }) {
    this.settled.add(id);
    const message = this.all.find(({ turnId }) => turnId === id);
    if (message) this.#forget(message);
  }

  /** @param {Outgoing} message */
  #forget(message) {
    this.all = this.all.filter(({ key }) => key !== message.key);
    this.#drop(message);
    this.chat.changed("turn");
  }

  /** Keep a message no longer. @param {Outgoing} message */
  #drop(message) {
    this.#keep(message.threadId, (kept) => kept.filter(({ key }) => key !== message.key));
  }

  /** @param {Outgoing} message */
  #changed(message) {
    this.#keep(message.threadId, (kept) => [...new Map([...kept, message].map((one) => [one.key, one])).values()]);
    this.chat.changed("turn");
  }

  /** Take what is kept of the thread, by whichever tab; what another tab is just sending is its own affair. */
  #recall() {
    const { leaving, settled } = this;
    const { threadId } = this.chat;
    const kept = this.#kept(threadId);
    if (!kept) return;
    const known = kept.filter(({ key, state, turnId }) => leaving.has(key) || (state !== "sending" && !settled.has(turnId)));
    const isKnown = (/** @type {Outgoing} */ message) => known.some(({ key }) => key === message.key);
    const others = this.all.filter((message) => message.threadId !== threadId || (leaving.has(message.key) && !isKnown(message)));
    this.all = [...known.map((message) => leaving.get(message.key) ?? message), ...others];
    this.chat.changed("turn");
  }

  /** @param {string | null} threadId */
  #place(threadId) {
    return `chatkit outgoing ${this.chat.api.endpoint} ${threadId ?? ""}`;
  }

  /** What is kept of a thread; null if there is no storage. @param {string | null} threadId @returns {Outgoing[] | null} */
  #kept(threadId) {
    try {
      return JSON.parse(localStorage.getItem(this.#place(threadId)) ?? "[]");
    } catch (error) {
      // What is there is not ours, or there is no storage.
      return error instanceof SyntaxError ? [] : null;
    }
  }

  /** @param {string | null} threadId @param {(kept: Outgoing[]) => Outgoing[]} change */
  #keep(threadId, change) {
    const kept = change(this.#kept(threadId) ?? []);
    try {
      if (kept.length) localStorage.setItem(this.#place(threadId), JSON.stringify(kept));
      else localStorage.removeItem(this.#place(threadId));
    } catch {
      // no storage: a reload forgets what was not sent
    }
  }
}
