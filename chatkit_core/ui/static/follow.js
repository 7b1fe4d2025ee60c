/**
 * Follows a thread: all that its turns say, wherever they run. Tabs of one origin share one connection, because a
 * browser opens only six to a host: one tab holds a lock and passes on what it hears; hidden tabs hold nothing. Where the
 * browser has no locks (a page that came over plain HTTP), each tab follows for itself.
 *
 * @import { Chat } from "./chat.js"
 * @typedef {{ cursor: string, event: any }} Frame
 * @typedef {{ said: Frame[], since: string | null, at: string | null }} Said what a tab knows of the turn that is active:
 *   all that came after a cursor, up to another
 */

import { ChatError } from "./chat.js";
import { apply } from "./events.js";
import { createParser } from "./vendor/eventsource-parser/index.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15_000;
/** Milliseconds without a connection after which it is told. */
const LONG = 3_000;
/** What the server may answer otherwise the next time, beside its own failures. */
const PASSING = [401, 403, 408, 425, 429];

export class Follow {
  /** What the active turn has said, for tabs that come later. @type {Frame[]} */
  said = [];
  /** Milliseconds, about, until the next connection is tried. */
  wait = FIRST_WAIT;

  /**
   * @param {Chat} chat whose thread has an id
   * @param {Frame[]} [said] what this tab has heard already of the turn that is active
   */
  constructor(chat, said = []) {
    this.chat = chat;
    this.visit = chat.visit;
    this.threadId = String(chat.threadId);
    this.name = `chatkit ${new URL(chat.api.endpoint, location.href)} ${this.threadId}`;
    /** The cursor after which the active turn has said that. */
    this.since = said.length ? null : chat.cursor;
    for (const { cursor, event } of said) this.#remember(cursor, event);
    document.addEventListener("visibilitychange", this.#update);
    this.#update();
  }

  /** Stop following. */
  close() {
    document.removeEventListener("visibilitychange", this.#update);
    this.#leave();
  }

  #update = () => {
    if (document.visibilityState === "hidden") this.#leave();
    else if (!this.stop) this.#join();
  };

  #leave() {
    this.stop?.abort();
    this.channel?.close();
    this.stop = this.channel = undefined;
    this.leads = false;
    clearTimeout(this.late);
  }

  #join() {
    const { signal } = (this.stop = new AbortController());
    const lead = () => this.#lead(signal);
    if (!navigator.locks) {
      lead();
      return;
    }
    this.channel = new BroadcastChannel(this.name);
    this.channel.onmessage = ({ data }) => this.#hear(data);
    /** Whether this tab has yet to hear what it has missed: until then, what others hear would leave a gap. */
    this.behind = true;
    this.channel?.postMessage({ hello: true });
    navigator.locks.request(this.name, { signal }, lead).catch((error) => {
      if (error.name !== "AbortError") throw error;
    });
  }

  /** @param {any} message of another tab */
  #hear({ hello, leads, known, frames, online }) {
    if (this.leads) {
      const { said, since, online, chat } = this;
      if (hello && this.#isShown) this.channel?.postMessage({ known: { said, since, at: chat.cursor }, online });
      return;
    }
    if (this.behind && leads) this.channel?.postMessage({ hello: true });
    if (this.behind && known) this.#catchUp(known);
    for (const { cursor, event } of frames ?? []) if (!this.behind || !cursor) this.#take(cursor, event);
    if (online !== undefined) this.#tellOnline(online);
  }

  /** Take what the tab that leads knows; what that does not cover, the server is asked for. @param {Said} known */
  #catchUp(known) {
    const { chat } = this;
    if (!this.#isShown) return;
    this.behind = false;
    const covered = covers(known, chat.cursor);
    for (const { cursor, event } of known.said) this.#take(cursor, event);
    chat.cursor = known.at ?? chat.cursor;
    if (!covered) chat.load(true);
  }

  get #isShown() {
    return this.chat.visit === this.visit;
  }

  /** @param {string} cursor @param {any} event */
  #take(cursor, event) {
    if (this.#isShown && apply(this.chat, cursor, event)) this.#remember(cursor, event);
  }

  /** @param {string} cursor @param {any} event */
  #remember(cursor, event) {
    if (!cursor) return;
    if (/^turn\.(completed|failed|cancelled)$/.test(event.type)) Object.assign(this, { said: [], since: cursor });
    else if (event.type !== "client_effect") this.said.push({ cursor, event });
  }

  /** Hold the connection until this tab stops. @param {AbortSignal} signal */
  async #lead(signal) {
    this.leads = true;
    this.behind = false;
    this.channel?.postMessage({ leads: true });
    this.wait = FIRST_WAIT;
    const isOver = () => signal.aborted || !this.#isShown;
    while (!isOver()) {
      let online = false;
      try {
        await this.#connect(signal);
      } catch (error) {
        if (isOver()) return;
        online = error instanceof ChatError && error.status >= 400 && error.status < 500;
        if (online && !(await this.#mayAskAgain(/** @type {ChatError} */ (error)))) {
          this.leads = false;
          this.#setOnline(true);
          return;
        }
      }
      if (isOver()) return;
      this.#setOnline(online);
      await new Promise((done) => {
        setTimeout(done, this.wait * (0.5 + Math.random()));
        signal.onabort = done;
      });
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    }
  }

  /** The server has refused: look whether that may pass. @param {ChatError} error */
  async #mayAskAgain(error) {
    if (error.status !== this.refused) this.chat.tell("error", { error });
    /** How the server has refused, when that was told. @type {number | undefined} */
    this.refused = error.status;
    if (error.status !== 404) return PASSING.includes(error.status);
    const { cursor } = this.chat;
    await this.#startAnew();
    return cursor !== null && this.chat.state !== "missing";
  }

  /** The server does not know the cursor any more. */
  async #startAnew() {
    this.chat.cursor = null;
    await this.chat.load();
    if (this.#isShown) Object.assign(this, { said: [], since: this.chat.cursor });
  }

  /** Read one connection to its end. @param {AbortSignal} signal */
  async #connect(signal) {
    const { cursor } = this.chat;
    const query = new URLSearchParams({ thread_id: this.threadId, wait: "1" });
    if (cursor) query.set("after", cursor);
    const { status, body } = await this.chat.request(`?${query}`, { signal });
    if (!this.#isShown) return;
    if (status === 204 || !body) return this.#startAnew();
    this.wait = FIRST_WAIT;
    this.refused = undefined;
    this.#setOnline(true);
    // Turns that have begun and ended since it was loaded are not told.
    if (!cursor) this.chat.load(true);
    for await (const frames of framesOf(body)) {
      for (const { cursor, event } of frames) this.#take(cursor, event);
      this.channel?.postMessage({ frames });
    }
  }

  /** @param {boolean} online */
  #setOnline(online) {
    if (online === this.online) return;
    /** What was told last. @type {boolean | undefined} */
    this.online = online;
    this.channel?.postMessage({ online });
    this.#tellOnline(online);
  }

  /** A connection that is back soon is not worth a word. @param {boolean} online */
  #tellOnline(online) {
    clearTimeout(this.late);
    if (online) this.chat.tell("online", true);
    else this.late = setTimeout(() => this.chat.tell("online", false), LONG);
  }
}

/** Whether a tab that is at a cursor misses nothing if it hears what another knows. @param {Said} known @param {string | null} cursor */
function covers({ said, since, at }, cursor) {
  if ([since, at, ...said.map((frame) => frame.cursor)].includes(cursor)) return true;
  const turn = String(cursor).replace(/\d+$/, "");
  return cursor === `${turn}0` && !since?.startsWith(turn) && said.some((frame) => frame.cursor.startsWith(turn));
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
    onEvent: (/** @type {{ id?: string, data: string }} */ { id, data }) => frames.push({ cursor: id ?? "", event: JSON.parse(data) }),
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
