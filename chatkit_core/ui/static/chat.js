/**
 * One conversation: what is known of a thread, and the ops that ask the server about it.
 *
 * Whoever shows it listens to `change`, whose `detail` names what changed. Events are applied in `events.js`, which is
 * loaded with whatever brings them; a stored thread is shown without.
 *
 * @typedef {{ id: string, title?: string, status: { type: "active" | "locked" | "closed", reason?: string },
 *   allowed_image_domains?: string[] }} Thread
 * @typedef {{ id: string, type: string, [field: string]: any }} Item
 * @typedef {{ id: string, thread_id: string, op: string, status: string, cursor?: string, [field: string]: any }} Turn
 * @typedef {{ turn: string, seq: number }} Place
 * @typedef {"thread" | "items" | "turn" | "state"} Part with `thread`, the items may have changed too
 */

const PAGE = 40;

/** An op that the server has refused, or that has not reached it (then `status` is 0). */
export class ChatError extends Error {
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.name = "ChatError";
    this.status = status;
    this.code = code;
  }
}

export class Chat extends EventTarget {
  /** @type {string | null} */
  threadId = null;
  /** @type {Thread | null} */
  thread = null;
  /** In the order of the thread. @type {Map<string, Item>} */
  items = new Map();
  /** The items that are not done. @type {Set<string>} */
  pending = new Set();
  /** The turn that runs or waits. @type {Turn | null} */
  turn = null;
  /** The turns that wait for it, in order. @type {Map<string | null | undefined, Turn>} */
  queued = new Map();
  /** Up to where the events of each turn are applied. @type {Map<string, number>} */
  seen = new Map();
  /** The last event that was applied. @type {string | null} */
  cursor = null;
  allowCancel = true;
  /** @type {{ icon?: string, text: string } | null} */
  progress = null;
  /** Why the last turn failed. @type {{ code: string, message?: string, allowRetry: boolean } | null} */
  failure = null;
  /** @type {{ level: string, title?: string, message: string }[]} */
  notices = [];
  /** Asks for the page of items before the first. @type {string | null} */
  before = null;
  /** @type {"new" | "loading" | "ready" | "missing" | "failed"} */
  state = "new";
  /** Another one after each reset: an answer to what was asked before is not for what is shown then. */
  visit = {};
  /** How many answers with the whole thread are on their way: events wait for these. */
  loads = 0;
  /** What the events do that wait. @type {(() => void)[]} */
  held = [];

  /**
   * @param {{ endpoint: string, fetch?: typeof fetch,
   *   headers?: Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>) }} api
   */
  constructor(api) {
    super();
    this.api = api;
  }

  /** Forget all, and stand for another thread; null for one that is new. @param {string | null} threadId */
  reset(threadId) {
    Object.assign(this, new Chat(this.api), { threadId, state: threadId ? "loading" : "new" });
    this.changed("thread");
  }

  get isBusy() {
    return this.turn?.status === "running";
  }

  /** Call a listener with the detail of each event of a type. @param {string} type @param {(detail: any) => void} hear */
  on(type, hear) {
    this.addEventListener(type, (event) => hear(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {string} type @param {any} [detail] */
  say(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /**
   * Say that something has changed.
   * @param {Part} part
   * @param {Iterable<string>} [ids] of the items that have changed; absent for all
   */
  changed(part, ids) {
    this.say("change", { part, ids });
  }

  /** Tell the host page. @param {string} name @param {any} [detail] */
  tell(name, detail) {
    this.say("tell", { name, detail });
  }

  // Ops

  /**
   * Send a request to the endpoint.
   * @param {string} path what comes after the endpoint
   * @param {RequestInit} init whose body, if there is one, is JSON
   */
  async request(path, init) {
    const { endpoint, headers } = this.api;
    const own = typeof headers === "function" ? await headers() : headers;
    let response;
    try {
      response = await (this.api.fetch ?? fetch)(endpoint + path, {
        ...init,
        headers: { "ChatKit-Turns": "1", ...own, ...(init.body && { "Content-Type": "application/json" }) },
      });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ChatError(0, "offline", String(error));
    }
    this.tell("log", { name: "request", data: { path, status: response.status } });
    if (response.ok) return response;
    const error = (await response.json().catch(() => null))?.error;
    throw new ChatError(response.status, error?.code ?? "http", error?.message ?? response.statusText);
  }

  /**
   * Send an op whose answer is a stream.
   * @param {string} type @param {object} params
   */
  stream(type, params) {
    return this.request("", { method: "POST", body: JSON.stringify({ type, params }) });
  }

  /** Send an op, and return what it answers. @param {string} type @param {object} [params] */
  async op(type, params = {}) {
    return (await this.stream(type, params)).json();
  }

  // Loading

  /**
   * Load the thread: its newest items, and the turn that is active. What happens meanwhile comes after.
   * @param {boolean} [quietly] only to make sure that nothing is missing
   */
  async load(quietly = false) {
    const { threadId: id, visit } = this;
    if (!id) return;
    this.loads++;
    if (!quietly) this.tell("thread.load.start", { threadId: id });
    try {
      const answer = await this.op("threads.get_by_id", { thread_id: id });
      if (this.visit === visit) this.show(answer);
    } catch (error) {
      if (this.visit !== visit) return;
      const isMissing = error instanceof ChatError && error.status === 404;
      if (isMissing || !quietly) this.state = isMissing ? "missing" : "failed";
      this.changed("state");
      if (!isMissing) this.tell("error", { error });
    } finally {
      if (this.visit === visit && --this.loads === 0) for (const happen of this.held.splice(0)) happen();
      if (!quietly) this.tell("thread.load.end", { threadId: id });
    }
  }

  /** Show what `threads.get_by_id` has answered; what is shown already stays where it is. @param {any} answer */
  show({ items: page, active_turn: turn, ...thread }) {
    const known = this.items;
    this.thread = thread;
    this.turn = turn && turn.status !== "queued" ? turn : null;
    // What no turn goes on with is as it is stored, or came to nothing.
    if (!this.turn) this.pending.clear();
    const at = page.has_more ? [...known.keys()].indexOf(page.data[0]?.id) : -1;
    const older = at < 0 ? [] : [...known].slice(0, at);
    this.items = new Map([...older, ...byId(page.data)]);
    for (const [id, item] of known) if (this.pending.has(id) && !this.items.has(id)) this.items.set(id, item);
    for (const id of this.items.keys()) if (!known.has(id)) this.pending.delete(id);
    if (at < 0) this.before = page.has_more ? page.after : null;
    this.cursor ??= turn?.cursor ?? null;
    this.state = "ready";
    this.changed("thread");
    this.say("shown");
  }

  /** Load the items before the first; nothing if there are none. */
  async loadOlder() {
    const { threadId: id, before: after, visit } = this;
    if (!id || !after) return;
    this.before = null;
    try {
      const page = await this.op("items.list", { thread_id: id, after, order: "desc", limit: PAGE });
      // There is another beginning by now.
      if (this.visit !== visit || this.before) return;
      this.items = new Map([...byId(page.data.reverse()), ...this.items]);
      this.before = page.has_more ? page.after : null;
      this.changed("items");
    } catch {
      if (this.visit === visit) this.before ??= after;
    }
  }
}

/** @param {Item[]} items @returns {[string, Item][]} */
function byId(items) {
  return items.map((item) => [item.id, item]);
}
