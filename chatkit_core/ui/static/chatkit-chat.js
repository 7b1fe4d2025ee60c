/**
 * `<chatkit-chat endpoint="/chatkit"></chatkit-chat>`: a chat, in any page.
 *
 * Attributes: `endpoint`; `options`, JSON for `setOptions`; `url-thread`, the query parameter that names the thread in the
 * address of the page, if it is to stand there.
 *
 * Events (each as `chatkit.` and its name): `ready`, `error`, `log`, `effect`, `response.start`, `response.end`,
 * `thread.change`, `thread.load.start`, `thread.load.end`, `tool.change`, `history.open`, `history.close`.
 *
 * @typedef {{ endpoint?: string, fetch?: typeof fetch, headers?: any, initialThread?: string | null, locale?: string,
 *   strings?: Partial<typeof strings>, theme?: any, header?: any, history?: any, startScreen?: any, composer?: any,
 *   threadItemActions?: any, disclaimer?: any, entities?: any, widgets?: any, onClientTool?: any }} Options
 *
 * @import { Frame } from "./frame.js"
 * @import { Sender } from "./send.js"
 */

import { Chat } from "./chat.js";
import { Conversation, el } from "./conversation.js";
import { strings } from "./strings.js";

const STYLES = new URL("./chatkit-chat.css", import.meta.url).href;

export class ChatKitChat extends HTMLElement {
  /** @type {PromiseWithResolvers<Frame>} */
  #whole = Promise.withResolvers();
  /** Resolved when all of the page is there. */
  whole = this.#whole.promise;
  /** Always this object: what it holds is asked when it is needed. @type {Options} */
  options = {};
  /** What is done each time the element is connected. @type {((signal: AbortSignal) => void)[]} */
  #acts = [];
  /** Aborted when the element is taken out of the page. */
  #stay = new AbortController();

  constructor() {
    super();
    this.attachShadow({ mode: "open", delegatesFocus: true });
    this.side = el("div", { className: "side" });
    this.head = el("header", { className: "head" });
    this.above = el("div", { className: "above" });
    this.below = el("div", { className: "below" });
    this.main = el("main", { className: "main" });
    this.status = el("div", { className: "hidden", role: "status" });
    this.frame = el("div", { className: "frame" }, this.side, this.main, this.status);
    /** There once it is connected. @type {Chat} */
    this.chat;
    /** There once it is connected. @type {Conversation} */
    this.conversation;
    /** There once the page is whole. @type {Sender} */
    this.sender;
    /** There once the page is whole. @type {Frame} */
    this.view;
  }

  connectedCallback() {
    this.#stay = new AbortController();
    for (const act of this.#acts) act(this.#stay.signal);
    if (this.chat) return; // it was moved to another place
    this.whileConnected((signal) => addEventListener("popstate", this.#onPopState, { signal }));
    this.setOptions({ ...JSON.parse(this.getAttribute("options") ?? "{}"), ...this.options });
    const endpoint = this.options.endpoint ?? this.getAttribute("endpoint") ?? "/chatkit";
    this.chat = new Chat(Object.assign(Object.create(this.options), { endpoint }));
    this.chat.on("tell", (told) => this.#tell(told));
    this.conversation = new Conversation(this.chat, this);
    if (this.hasAttribute("url-thread") && this.parentElement === document.body) {
      document.body.style.margin = "0";
      this.style.height = "100dvh";
    }
    const middle = el("div", { className: "middle" }, this.conversation.element, this.conversation.toEnd);
    this.main.append(this.head, this.above, middle, this.below);
    this.shadowRoot?.append(el("link", { rel: "stylesheet", href: STYLES }), this.frame);
    this.#open(this.#threadOfUrl() ?? this.options.initialThread ?? null).then(() => this.#complete());
  }

  disconnectedCallback() {
    this.#stay.abort();
  }

  /**
   * Do something now, and again whenever the element has been put back: an element that is not in the page holds nothing.
   * @param {(signal: AbortSignal) => void} act is given the signal that the element is taken out
   */
  whileConnected(act) {
    this.#acts.push(act);
    if (this.isConnected) act(this.#stay.signal);
  }

  /** All that is not needed to read. */
  async #complete() {
    const [{ Sender }, { Frame }] = await Promise.all([import("./send.js"), import("./frame.js")]);
    this.sender = new Sender(this.chat);
    this.view = new Frame(this);
    this.whileConnected((signal) => {
      this.sender.begin();
      signal.addEventListener("abort", () => this.sender.close());
    });
    this.#whole.resolve(this.view);
    this.#tell({ name: "ready" });
  }

  // The thread, and the address

  /** @param {string | null} threadId */
  async #open(threadId) {
    if (!this.chat) return;
    this.chat.reset(threadId);
    this.conversation.scrollToEnd();
    await this.chat.load();
  }

  #threadOfUrl() {
    const name = this.getAttribute("url-thread");
    return name ? new URL(location.href).searchParams.get(name) : null;
  }

  /** @param {string | null} threadId */
  #toUrl(threadId) {
    const name = this.getAttribute("url-thread");
    if (!name || this.#threadOfUrl() === threadId) return;
    const url = new URL(location.href);
    if (threadId) url.searchParams.set(name, threadId);
    else url.searchParams.delete(name);
    history.pushState(null, "", url);
  }

  #onPopState = () => {
    const threadId = this.#threadOfUrl();
    if (threadId !== this.chat?.threadId) this.setThreadId(threadId);
  };

  /** @param {{ name: string, detail?: any }} told */
  #tell({ name, detail }) {
    if (name === "thread.change") this.#toUrl(detail.threadId);
    this.dispatchEvent(new CustomEvent(`chatkit.${name}`, { detail, bubbles: true, composed: true }));
  }

  // What the host page calls

  /** @param {Options} options those that are absent stay as they are */
  setOptions(options) {
    Object.assign(this.options, options);
    Object.assign(strings, options.strings);
    this.#applyOptions();
    this.view?.draw();
  }

  #applyOptions() {
    const { theme, locale } = this.options;
    const scheme = typeof theme === "string" ? theme : theme?.colorScheme;
    if (scheme) this.dataset.theme = scheme;
    else delete this.dataset.theme;
    for (const part of ["radius", "density"]) if (theme?.[part]) this.dataset[part] = theme[part];
    if (theme?.color?.accent?.primary) this.style.setProperty("--ck-accent", theme.color.accent.primary);
    if (locale) this.lang = locale;
  }

  /** Show a thread; null for a new one. @param {string | null} threadId */
  async setThreadId(threadId) {
    const opening = this.#open(threadId);
    const visit = this.chat?.visit;
    await opening;
    // Another one was opened meanwhile.
    if (this.chat?.visit !== visit) return;
    if (this.isConnected) this.sender?.begin();
    this.#tell({ name: "thread.change", detail: { threadId } });
  }

  /** Ask for the thread again. */
  async fetchUpdates() {
    await this.chat?.load();
  }

  /** @param {{ text?: string, content?: any[], reply?: string, attachments?: any[], newThread?: boolean, toolChoice?: { id: string }, model?: string }} message */
  async sendUserMessage({ text, content, reply, attachments = [], newThread, toolChoice, model }) {
    await this.whole;
    // The first message of a thread makes it: the next one goes there.
    await this.sending;
    if (newThread) await this.setThreadId(null);
    this.conversation.scrollToEnd();
    /** Done when the message is sent that was handed over last. @type {Promise<void> | undefined} */
    this.sending = this.sender.send({
      content: content ?? [{ type: "input_text", text: text ?? "" }],
      attachments,
      quoted_text: reply || undefined,
      inference_options: { tool_choice: toolChoice || undefined, model: model || undefined },
    });
    await this.sending;
  }

  /** @param {{ text?: string, content?: any[], reply?: string, attachments?: any[], files?: File[], selectedToolId?: string | null, selectedModelId?: string }} value */
  async setComposerValue(value) {
    (await this.whole).composer.setValue(value);
  }

  async focusComposer() {
    (await this.whole).composer.focus();
  }

  /** @param {{ type: string, payload?: object }} action @param {string} [itemId] */
  async sendCustomAction(action, itemId) {
    await this.whole;
    await this.sender.action(action, itemId);
  }

  async showHistory() {
    (await this.whole).showThreads(true);
  }

  async hideHistory() {
    (await this.whole).showThreads(false);
  }
}

if (!customElements.get("chatkit-chat")) customElements.define("chatkit-chat", ChatKitChat);
