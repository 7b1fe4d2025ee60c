/**
 * Where a message is written: its text, files, quote, tool and model. What is begun is kept for each thread.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 * @import { Dictation } from "./dictation.js"
 * @import { Upload } from "./uploads.js"
 * @typedef {{ id: string, label: string, shortLabel?: string, icon?: string, placeholderOverride?: string, pinned?: boolean,
 *   persistent?: boolean }} Tool
 * @typedef {{ id: string, label: string, description?: string, disabled?: boolean, default?: boolean }} Model
 */

import { viewOf } from "./composer-view.js";
import { el } from "./conversation.js";
import { Editor } from "./editor.js";
import { Markdown } from "./markdown.js";
import { Mentions } from "./menus.js";
import { strings } from "./strings.js";
import { takeDrops, Uploads } from "./uploads.js";
import { render } from "./vendor/lit-html/lit-html.js";

const KEPT = "chatkit draft";
/** The share of the page's height that the editor may take. */
const SHARE = 0.4;

export class Composer {
  quote = "";
  /** @type {string | null} */
  toolId = null;
  /** @type {string | undefined} */
  modelId = undefined;
  /** What went wrong last, until something else is done. */
  error = "";
  /** @type {Mentions | undefined} */
  mentions = undefined;
  /** @type {Dictation | undefined} */
  dictation = undefined;
  /** The files of the threads that are not shown. @type {Map<string | null, Upload[]>} */
  elsewhere = new Map();

  /** @param {ChatKitChat} host */
  constructor(host) {
    this.host = host;
    this.root = /** @type {ShadowRoot} */ (host.shadowRoot);
    this.chat = host.chat;
    this.sender = host.sender;
    this.threadId = this.chat.threadId;
    this.element = el("div", { className: "composer" });
    this.note = el("div", { className: "disclaimer md" });
    this.editor = new Editor(this);
    this.uploads = new Uploads(this);
    this.chat.on("change", () => this.#followThread());
    new ResizeObserver(() => this.element.style.setProperty("--tallest", `${host.clientHeight * SHARE}px`)).observe(host);
    takeDrops(this);
    this.#recall();
  }

  /** @param {{ text?: string, content?: any[], reply?: string, attachments?: any[], files?: File[], selectedToolId?: string | null, selectedModelId?: string }} value what is absent stays */
  setValue({ text, content, reply = this.quote, attachments, files, selectedToolId = this.toolId, selectedModelId = this.modelId }) {
    this.quote = reply;
    this.modelId = selectedModelId;
    this.#chooseTool(selectedToolId);
    if (attachments) this.uploads.put(attachments);
    if (content) this.editor.parts = content;
    else if (text !== undefined) this.editor.parts = [{ type: "input_text", text }];
    if (files) this.attach(files);
    this.changed();
  }

  focus() {
    this.editor.focus();
  }

  draw() {
    const had = this.element.contains(this.root.activeElement);
    const { placeholder = strings.placeholder } = this.options;
    this.editor.label(this.tool?.placeholderOverride ?? placeholder);
    render([viewOf(this), this.#disclaimer()], this.element);
    // What had the focus may be gone, or of no use now.
    const focused = this.root.activeElement;
    if (had && (!this.element.contains(focused) || focused?.matches(":disabled"))) this.editor.focus();
  }

  /** Something that is kept has changed. */
  changed() {
    this.#keep();
    this.draw();
  }

  /** @param {string} text */
  fail(text) {
    this.error = text;
    this.draw();
  }

  /** @param {any} error that the server has answered with */
  failed({ code }) {
    this.fail(strings.errors[code] ?? strings.failed);
  }

  #disclaimer() {
    const { text = "", highContrast = false } = this.host.options.disclaimer ?? {};
    if (this.noted !== text) new Markdown(this.note).show(text);
    this.noted = text;
    this.note.classList.toggle("is-strong", highContrast);
    return this.note;
  }

  // What may be done, and is chosen

  get options() {
    return this.host.options.composer ?? {};
  }

  /** @returns {Tool[]} */
  get tools() {
    return this.options.tools ?? [];
  }

  get tool() {
    return this.tools.find(({ id }) => id === this.toolId);
  }

  /** @returns {Model[]} */
  get models() {
    return this.options.models ?? [];
  }

  get model() {
    return this.models.find(({ id }) => id === this.modelId) ?? this.models.find((model) => model.default);
  }

  get takesFiles() {
    return Boolean(this.options.attachments?.enabled) && !this.shut;
  }

  /** The status of a thread that takes no messages. */
  get shut() {
    const status = this.chat.thread?.status;
    return status && ["locked", "closed"].includes(status.type) ? status : undefined;
  }

  get isEmpty() {
    return this.editor.isEmpty && !this.uploads.list.length;
  }

  /** A second message waits until the first one has made the thread. */
  get maySend() {
    const begins = !this.chat.threadId && this.sender.outgoing.some(({ state }) => state === "sending");
    return !this.isEmpty && this.uploads.isDone && !begins && !this.shut;
  }

  // What the user does

  send() {
    if (!this.maySend) return;
    const { tool, model, quote } = this;
    const input = {
      content: this.editor.trimmed,
      attachments: this.uploads.take(),
      quoted_text: quote || undefined,
      inference_options: { tool_choice: tool && { id: tool.id }, model: model?.id },
    };
    this.quote = "";
    if (!tool?.persistent) this.#chooseTool(null);
    this.editor.parts = [];
    this.sender.send(input);
    this.host.conversation?.scrollToEnd();
    this.editor.focus();
  }

  stop() {
    this.sender.stop().catch((error) => this.failed(error));
  }

  /** @param {File[]} files */
  attach(files) {
    this.fail(this.uploads.add(files));
  }

  /** Choose a tool, or no longer if it is chosen. @param {string} id */
  toggleTool(id) {
    this.setValue({ selectedToolId: id === this.toolId ? null : id });
  }

  /** @param {string | null} id */
  #chooseTool(id) {
    if (id === this.toolId) return;
    this.toolId = id;
    this.chat.tell("tool.change", { toolId: id });
  }

  lookForMention() {
    if (!this.host.options.entities?.onTagSearch) return;
    this.mentions ??= new Mentions(this);
    this.mentions.look();
  }

  async dictate() {
    const { Dictation } = await import("./dictation.js");
    this.dictation ??= new Dictation(this);
    this.error = "";
    this.dictation.toggle();
  }

  // What is kept

  /** Another thread is shown, or the one that was begun here is there now. */
  #followThread() {
    const { threadId, state } = this.chat;
    if (threadId === this.threadId) return;
    const isBegun = this.threadId === null && state === "ready";
    if (!isBegun) this.elsewhere.set(this.threadId, this.uploads.list);
    else this.#store({});
    this.threadId = threadId;
    if (isBegun) return this.#keep();
    this.dictation?.cancel();
    this.#recall();
  }

  get #place() {
    return `${KEPT} ${this.chat.api.endpoint} ${this.threadId ?? ""}`;
  }

  #keep() {
    const { editor, quote, toolId, modelId, uploads } = this;
    this.#store({ parts: editor.parts, quote, toolId, modelId, attachments: uploads.attachments });
  }

  /** @param {object} draft */
  #store(draft) {
    const isEmpty = !Object.values(draft).some((value) => value && value.length !== 0);
    try {
      if (isEmpty) sessionStorage.removeItem(this.#place);
      else sessionStorage.setItem(this.#place, JSON.stringify(draft));
    } catch {
      // no storage, or no room: a reload forgets the draft
    }
  }

  #recall() {
    /** @type {any} */
    let draft = {};
    try {
      draft = JSON.parse(sessionStorage.getItem(this.#place) ?? "{}");
    } catch {
      // what is there is not ours, or there is no storage
    }
    const files = this.elsewhere.get(this.threadId);
    this.elsewhere.delete(this.threadId);
    if (files) this.uploads.list = files;
    else this.uploads.put(draft.attachments ?? []);
    this.quote = draft.quote ?? "";
    this.modelId = draft.modelId;
    this.#chooseTool(draft.toolId ?? null);
    this.editor.parts = draft.parts ?? [];
  }
}
