/**
 * Follows a thread: all that its turns say, wherever they run. Tabs of one origin share one connection, because a
 * browser opens only six to a host: one tab holds a lock and passes on what it hears; hidden tabs hold nothing. Where the
 * browser has no locks (a page that came over plain HTTP), each tab follows for itself.
 *
 * @import { Chat } from "./chat.js"
 * @typedef {{ cursor: string, event: any }} Frame
 */

import { ChatError } from "./chat.js";
import { apply } from "./events.js";
import { createParser } from "./vendor/eventsource-parser/index.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** Milliseconds without a connection after which it is told. */
const LONG = 3_000;

export class Follow {
  /** @type {boolean | undefined} */
  online = undefined;

  /**
   * @param {Chat} chat whose thread has an id
   * @param {Frame[]} [said] what this tab has heard already of the turn that is active
   */
  constructor(chat, said = []) {
    this.chat = chat;
    this.threadId = /** @type {string} */ (chat.threadId);
    this.name = `chatkit ${new URL(chat.api.endpoint, location.href)} ${this.threadId}`;
    /** What the active turn has said, for tabs that come later. */
    this.said = said;
    this.onVisible = () => this.#update();
    document.addEventListener("visibilitychange", this.onVisible);
    this.#update();
  }

  /** Stop following. */
  close() {
    document.removeEventListener("visibilitychange", this.onVisible);
    this.#leave();
  }

  #update() {
    if (document.visibilityState === "hidden") this.#leave();
    else if (!this.stop) this.#join();
  }

  #leave() {
    this.stop?.abort();
    this.stop = undefined;
    this.channel?.close();
    this.channel = undefined;
    this.leads = false;
    clearTimeout(this.late);
  }

  #join() {
    const stop = (this.stop = new AbortController());
    if (!navigator.locks || !("BroadcastChannel" in globalThis)) {
      this.#lead(stop.signal);
      return;
    }
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = ({ data }) => this.#hear(data);
    this.channel.postMessage({ hello: this.chat.cursor });
    navigator.locks.request(this.name, { signal: stop.signal }, () => this.#lead(stop.signal)).catch(ignoreAbort);
  }

  /** @param {any} message of another tab */
  #hear({ hello, frames, online }) {
    if (hello !== undefined && this.leads) this.#post({ frames: this.said, online: this.online });
    if (frames) for (const { cursor, event } of frames) this.#take(cursor, event);
    if (online !== undefined && !this.leads) this.#tellOnline(online);
  }

  /** @param {any} message */
  #post(message) {
    this.channel?.postMessage(message);
  }

  /** @param {string} cursor @param {any} event */
  #take(cursor, event) {
    if (this.chat.threadId !== this.threadId) return;
    apply(this.chat, cursor, event);
    this.#remember(cursor, event);
  }

  /** @param {string} cursor @param {any} event */
  #remember(cursor, event) {
    if (!cursor) return;
    if (/^turn\.(completed|failed|cancelled)$/.test(event.type)) this.said = [];
    else if (event.type !== "client_effect") this.said.push({ cursor, event });
  }

  /** Hold the connection until this tab stops. @param {AbortSignal} signal */
  async #lead(signal) {
    this.leads = true;
    let wait = FIRST_WAIT;
    while (!signal.aborted) {
      try {
        await this.#connect(signal, () => (wait = FIRST_WAIT));
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ChatError && error.status >= 400 && error.status < 500 && error.status !== 429) {
          if (error.status === 404) await this.chat.load();
          this.#setOnline(true);
          return;
        }
      }
      if (signal.aborted) return;
      this.#setOnline(false);
      await delay(wait * (0.5 + Math.random()), signal);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    }
  }

  /** Read one connection to its end. @param {AbortSignal} signal @param {() => void} onOpen */
  async #connect(signal, onOpen) {
    const query = new URLSearchParams({ thread_id: this.threadId, wait: "1" });
    if (this.chat.cursor) query.set("after", this.chat.cursor);
    const response = await this.chat.request(`?${query}`, { signal });
    if (response.status === 204 || !response.body) {
      this.chat.cursor = null; // what it named is gone
      await this.chat.load();
      return;
    }
    onOpen();
    this.#setOnline(true);
    for await (const frames of framesOf(response.body)) {
      for (const { cursor, event } of frames) this.#take(cursor, event);
      this.#post({ frames });
    }
  }

  /** @param {boolean} online */
  #setOnline(online) {
    if (online === this.online) return;
    this.online = online;
    this.#post({ online });
    this.#tellOnline(online);
  }

  /** A connection that is back soon is not worth a word. @param {boolean} online */
  #tellOnline(online) {
    clearTimeout(this.late);
    if (online) this.chat.tell("online", true);
    else this.late = setTimeout(() => this.chat.tell("online", false), LONG);
  }
}

/**
 * Yield the frames of a stream, all that come at once together.
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<Frame[]>}
 */
export async function* framesOf(body) {
  /** @type {Frame[]} */
  let frames = [];
  const parser = createParser({
    onEvent: (/** @type {{ id?: string, data: string }} */ { id, data }) => {
      frames.push({ cursor: id ?? "", event: JSON.parse(data) });
    },
  });
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(value);
      if (frames.length) yield frames;
      frames = [];
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** @param {number} milliseconds @param {AbortSignal} signal */
function delay(milliseconds, signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), done(undefined)), { once: true });
  });
}

/** @param {unknown} error */
function ignoreAbort(error) {
  if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
}
