/**
 * What is known of the list of threads. A change is shown at once, and taken back if the server refuses it; other tabs
 * hear of those that are done.
 *
 * @import { Chat } from "./chat.js"
 * @typedef {{ id: string, title?: string, time: number }} Row `time`: when the thread was created
 * @typedef {{ title?: string, gone?: boolean }} Change
 * @typedef {{ row?: Row, archived?: boolean, gone?: string }} News `archived`: which list the row is in, if that is known
 */

const PAGE = 30;
/** As many as the server gives at once. */
const MOST = 100;

/** Tells `change`. */
export class ThreadList extends EventTarget {
  /** As the server says. @type {Map<string, Row>} */
  #known = new Map();
  /** What it has not confirmed. @type {Map<string, Change>} */
  #changes = new Map();
  /** Deleted: an answer that comes late does not bring these back. @type {Set<string>} */
  #gone = new Set();
  /** The number of the last request; answers to those before it come too late. */
  #asked = 0;

  query = "";
  archived = false;
  /** Asks for the next page. @type {string | null} */
  after = null;
  /** @type {"idle" | "loading" | "ready" | "failed"} */
  state = "idle";
  /** Why the last change of a thread was refused: the code. @type {Map<string, string>} */
  errors = new Map();

  /** @param {Chat} chat */
  constructor(chat) {
    super();
    this.chat = chat;
  }

  /** Hear what other tabs do to the threads. @param {AbortSignal} signal */
  listen(signal) {
    const channel = new BroadcastChannel(`chatkit threads ${new URL(this.chat.api.endpoint, location.href)}`);
    channel.onmessage = ({ data }) => this.#take(data);
    /** There while the element is in the page. @type {BroadcastChannel | undefined} */
    this.channel = channel;
    signal.addEventListener("abort", () => {
      channel.close();
      this.channel = undefined;
    });
  }

  /** Newest first. */
  get rows() {
    return [...this.#known.values()]
      .map((row) => ({ ...row, ...this.#changes.get(row.id) }))
      .filter(({ id, gone }) => !gone && !this.#gone.has(id))
      .sort((one, other) => other.time - one.time);
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  // Loading

  /** Load the next page, if there is one. */
  more() {
    if (this.after && this.state === "ready") this.load(this.after);
  }

  /** Show other threads. @param {{ query?: string, archived?: boolean }} choice */
  choose(choice) {
    if (choice.archived !== undefined) this.#known.clear();
    Object.assign(this, choice);
    this.load(null, true);
  }

  /**
   * Load the list, again as far as it is known.
   * @param {string | null} [after] what the page comes after
   * @param {boolean} [others] whether it is not the list that is shown: that is not kept if the server does not answer
   */
  async load(after = null, others = false) {
    const asked = ++this.#asked;
    const limit = after ? PAGE : Math.min(Math.max(PAGE, this.#known.size), MOST);
    const { query, archived } = this;
    this.state = "loading";
    this.#changed();
    try {
      const page = await this.chat.op("threads.list", { limit, order: "desc", archived, ...(after && { after }), ...(query && { query }) });
      if (asked !== this.#asked) return;
      const threads = page.data.filter((/** @type {any} */ thread) => typeof thread?.id === "string");
      if (!after) this.#known.clear();
      for (const thread of threads) this.#known.set(thread.id, rowOf(thread));
      this.after = (page.has_more && page.after) || null;
      this.state = "ready";
    } catch {
      if (asked !== this.#asked) return;
      if (others) this.#known.clear();
      this.state = "failed";
    }
    this.#changed();
  }

  // Changing

  /** @param {Row} row @param {string} title */
  rename(row, title) {
    return this.#try(row, { title }, { row: { ...row, title } }, "threads.update", { title });
  }

  /** @param {Row} row @param {boolean} archived */
  archive(row, archived) {
    return this.#try(row, { gone: true }, { row, archived }, archived ? "threads.archive" : "threads.unarchive");
  }

  /** @param {Row} row */
  delete(row) {
    return this.#try(row, { gone: true }, { gone: row.id }, "threads.delete");
  }

  /**
   * Returns whether it is done.
   * @param {Row} row @param {Change} change @param {News} news once it is done @param {string} type @param {object} [params]
   */
  async #try({ id }, change, news, type, params) {
    this.#changes.set(id, change);
    this.errors.delete(id);
    this.#changed();
    const isDone = await this.chat.op(type, { thread_id: id, ...params }).then(
      () => true,
      (error) => {
        this.errors.set(id, error.code);
        this.chat.tell("error", { error });
        return false;
      },
    );
    if (this.#changes.get(id) === change) this.#changes.delete(id);
    if (isDone) this.#tell(news);
    else this.#changed();
    return isDone;
  }

  // News

  /** The open thread has begun, or may have another title. @param {any} thread @param {boolean} isNew */
  hear(thread, isNew) {
    const row = rowOf(thread);
    const known = this.#known.get(row.id);
    if (isNew) this.#tell({ row, archived: false });
    else if (known && known.title !== row.title) this.#tell({ row });
  }

  /** @param {News} news */
  #tell(news) {
    this.channel?.postMessage(news);
    this.#take(news);
  }

  /** @param {News} news */
  #take({ row, archived, gone }) {
    const { chat } = this;
    if (gone) {
      this.#gone.add(gone);
      if (gone === chat.threadId) chat.load(); // which says that it is missing
    }
    if (row) {
      const isElsewhere = archived === !this.archived;
      if (isElsewhere) this.#known.delete(row.id);
      else if (this.#known.has(row.id) || (archived !== undefined && this.#belongs(row))) this.#known.set(row.id, row);
      if (chat.thread?.id === row.id && (chat.thread.title || undefined) !== row.title) {
        chat.thread = { ...chat.thread, title: row.title };
        chat.changed("thread");
      }
    }
    this.#changed();
  }

  /** Whether a row has its place among those that are loaded, not further down. @param {Row} row */
  #belongs(row) {
    const last = this.rows.at(-1);
    return !this.query && (!this.after || !last || row.time >= last.time);
  }
}

/** @param {any} thread @returns {Row} */
function rowOf({ id, title, created_at }) {
  return { id, title: (typeof title === "string" && title) || undefined, time: Date.parse(created_at) || 0 };
}
