/**
 * What stands around the conversation: its head, notices, what goes on at its end, the composer, the list of threads.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 * @import { Outgoing } from "./send.js"
 */

import { Composer } from "./composer.js";
import { contentOf, el, fileOf, oncePerFrame } from "./conversation.js";
import { icon, iconButton } from "./icons.js";
import { Markdown } from "./markdown.js";
import { quoting } from "./quoting.js";
import { strings } from "./strings.js";
import { Threads } from "./threads.js";
import { runTools } from "./tools.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** Characters of a reply that a screen reader is told by itself; who wants more goes to the message. */
const ANNOUNCED = 1000;

export class Frame {
  online = true;

  /** @param {ChatKitChat} host */
  constructor(host) {
    this.host = host;
    this.chat = host.chat;
    this.sender = host.sender;
    this.composer = new Composer(host);
    this.threads = new Threads(host);
    this.schedule = oncePerFrame(() => this.draw());
    this.chat.on("change", this.schedule);
    this.chat.on("tell", (told) => this.#hear(told));
    host.below.append(this.composer.element);
    runTools(host);
    quoting(host);
    this.draw();
  }

  /** @param {{ name: string, detail?: any }} told */
  #hear({ name, detail }) {
    if (name === "online") {
      this.online = detail;
      this.schedule();
    }
    // Screen readers hear that a reply begins, and then the whole of it, not every token.
    const { status } = this.host;
    if (name === "response.start") status.textContent = strings.replying;
    if (name === "response.end") status.textContent = this.#reply.slice(0, ANNOUNCED) || strings.replied;
  }

  /** @returns {string} the text of the reply that the thread ends with */
  get #reply() {
    const last = [...this.chat.items.values()].at(-1);
    return last?.type === "assistant_message" ? last.content.map((/** @type {any} */ part) => part.text).join("\n") : "";
  }

  draw() {
    const { host, chat } = this;
    const isNew = chat.state === "new" && !this.sender.outgoing.length;
    host.frame.classList.toggle("is-new", isNew);
    host.frame.classList.toggle("may-retry", !chat.turn && (chat.thread?.status?.type ?? "active") === "active");
    render(this.#head(), host.head);
    render(this.#above(), host.above);
    render(isNew ? this.#start() : this.#tail(), host.conversation.tail);
    this.composer.draw();
    this.threads.draw();
  }

  #head() {
    const { header, history } = this.host.options;
    if (header?.enabled === false) return nothing;
    const title = header?.title?.enabled !== false && (header?.title?.text ?? this.chat.thread?.title);
    const { open } = this.threads;
    return html`
      ${history?.enabled === false
        ? nothing
        : iconButton("sidebar", open ? strings.hideThreads : strings.showThreads, () => this.showThreads(!open), { expanded: open })}
      ${title ? html`<h1 dir="auto">${title}</h1>` : html`<span class="gap"></span>`}
      ${iconButton("write", strings.newThread, () => this.newThread())}`;
  }

  async newThread() {
    await this.host.setThreadId(null);
    this.composer.focus();
  }

  #above() {
    const { chat } = this;
    return html`
      ${this.online ? nothing : html`<div class="notice warning" role="status">${strings.offline}</div>`}
      ${chat.state === "missing" ? html`<div class="notice warning" role="alert">${strings.missing}</div>` : nothing}
      ${chat.state === "failed"
        ? html`<div class="notice danger" role="alert">${strings.loadFailed}
            <button type="button" class="link" @click=${() => chat.load()}>${strings.reload}</button></div>`
        : nothing}
      ${chat.notices.map(
        (notice) => html`<div class="notice ${notice.level}" role="status">
          <div>${notice.title ? html`<strong>${notice.title}</strong>` : nothing}${markdown(notice)}</div>
          ${iconButton("close", strings.dismiss, () => this.#dismiss(notice))}</div>`,
      )}`;
  }

  /** @param {object} notice */
  #dismiss(notice) {
    this.chat.notices = this.chat.notices.filter((one) => one !== notice);
    this.chat.changed("state");
  }

  #start() {
    const { greeting, prompts = [] } = this.host.options.startScreen ?? {};
    const send = (/** @type {string | any[]} */ prompt) => this.host.sendUserMessage(typeof prompt === "string" ? { text: prompt } : { content: prompt });
    return html`<div class="start">
      <h2>${greeting ?? strings.greeting}</h2>
      <div class="prompts">${prompts.map(
        (/** @type {any} */ { label, prompt, icon: name }) => html`<button type="button" @click=${() => send(prompt)}>
          ${name ? icon(name) : nothing}<span>${label}</span></button>`,
      )}</div></div>`;
  }

  #tail() {
    const { chat, sender } = this;
    return html`
      ${chat.progress
        ? html`<div class="progress" role="status">${icon(chat.progress.icon ?? "sparkle")}<span>${chat.progress.text}</span></div>`
        : nothing}
      ${chat.isBusy && !chat.pending.size && !chat.progress ? html`<div class="waits" aria-label=${strings.working}><i></i><i></i><i></i></div>` : nothing}
      ${chat.failure && !chat.isBusy ? this.#failure(chat.failure) : nothing}
      ${sender.outgoing.map((message) => this.#outgoing(message))}
      ${sender.outgoing.filter(({ turnId }) => chat.queued.has(turnId)).length < chat.queued.size
        ? html`<div class="outgoing muted">${strings.queuedElsewhere}</div>`
        : nothing}`;
  }

  /** What cannot be done now can be tried again: it is still there. @param {Promise<unknown>} doing */
  #trying(doing) {
    doing.catch((error) => this.chat.tell("error", { error }));
  }

  /** @param {{ code: string, message?: string, allowRetry: boolean }} failure */
  #failure({ code, message, allowRetry }) {
    const text = (code === "custom" && message) || (strings.errors[code] ?? message ?? strings.failed);
    return html`<div class="failure" role="alert">${icon("warning")}<span>${text}</span>
      ${allowRetry ? html`<button type="button" @click=${() => this.retry()}>${strings.retry}</button>` : nothing}</div>`;
  }

  retry() {
    const last = [...this.chat.items.values()].findLast(({ type }) => type === "user_message");
    if (last) this.#trying(this.sender.retry(last.id));
  }

  /** @param {Outgoing} message */
  #outgoing(message) {
    const { input, state, error = "" } = message;
    const isQueued = state === "queued" && this.chat.queued.has(message.turnId);
    const discard = () => this.#trying(this.sender.discard(message));
    return html`<div class="item user outgoing ${state}">
      ${input.attachments.length ? html`<ul class="files">${input.attachments.map(fileOf)}</ul>` : nothing}
      <div class="bubble">${input.content.map((part) => contentOf(part, this.host))}</div>
      <div class="state">
        ${state === "unsent"
          ? html`<span role="alert">${strings.unsent}${strings.errors[error] ? `: ${strings.errors[error]}` : ""}</span>
              <button type="button" class="link" @click=${() => this.sender.sendAgain(message)}>${strings.sendAgain}</button>
              <button type="button" class="link" @click=${discard}>${strings.discard}</button>`
          : nothing}
        ${isQueued
          ? html`<span>${strings.queued}</span>
              <button type="button" class="link" @click=${discard}>${strings.withdraw}</button>`
          : nothing}
      </div></div>`;
  }

  /** @param {boolean} open */
  showThreads(open) {
    this.threads.show(open);
    this.chat.tell(`history.${open ? "open" : "close"}`);
    this.schedule();
  }
}

/** @type {WeakMap<object, HTMLElement>} */
const rendered = new WeakMap();

/** The message of a notice, rendered once. @param {{ message: string }} notice @returns {Node} */
function markdown(notice) {
  const container = rendered.get(notice) ?? el("div", { className: "md" });
  if (!rendered.has(notice)) new Markdown(container).show(notice.message);
  rendered.set(notice, container);
  return container;
}
