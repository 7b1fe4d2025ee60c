/**
 * Shows questions that the assistant asks, and the user's answers.
 *
 * @import { Item } from "./chat.js"
 * @import { Room, View } from "./conversation.js"
 */

import { el } from "./conversation.js";
import { objects, spinner, text } from "./item-parts.js";
import { strings } from "./strings.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** @param {Room} room @returns {View} */
export function questionsView(room) {
  return new Questions(room);
}

/** A form, one field set a question, that knows what the user has put in; once it is answered, the answers. */
class Questions {
  element = el("div");
  /** @type {Item | undefined} */
  item = undefined;
  /** Which questions are skipped, by their places. @type {boolean[]} */
  skipped = [];
  /** The place of the question that wants an answer before this is sent. */
  missing = -1;
  sending = "";
  error = "";

  /** @param {Room} room */
  constructor(room) {
    this.room = room;
  }

  /** @param {Item} item */
  show(item) {
    const wasSent = this.sending && item.status !== "pending";
    this.#draw({ item, sending: wasSent ? "" : this.sending });
    if (wasSent) this.#focus("dl");
  }

  get #inputs() {
    return objects(this.item?.inputs);
  }

  /** @param {Partial<Questions>} changes */
  #draw(changes) {
    Object.assign(this, changes);
    render(this.item?.status === "pending" ? this.#form() : answers(this.#inputs), this.element);
  }

  /** The form is inert while it is sent, so it has lost the focus; unless that is elsewhere by now. @param {string} selector */
  #focus(selector) {
    if (!this.room.host.shadowRoot.activeElement) /** @type {HTMLElement | null} */ (this.element.querySelector(selector))?.focus();
  }

  #form() {
    const { sending, error } = this;
    const isOpen = (this.room.chat.thread?.status?.type ?? "active") === "active";
    return html`<form class="questions" ?inert=${sending || !isOpen} @submit=${this.#submit}>
      ${this.#inputs.map((question, at) => this.#question(question, at))}
      ${error ? html`<p class="error" role="alert">${error}</p>` : nothing}
      <div class="buttons">
        <button class="answer">${sending === "answered" ? spinner() : nothing}${strings.answer}</button>
        <button type="button" class="quiet" @click=${() => this.#send("skipped")}>
          ${sending === "skipped" ? spinner() : nothing}${this.#inputs.length > 1 ? strings.skipAll : strings.skip}</button>
      </div></form>`;
  }

  /** @param {any} question @param {number} at */
  #question(question, at) {
    const { missing, skipped } = this;
    const isSkipped = Boolean(skipped[at]);
    const change = () => this.#draw({ missing: missing === at ? -1 : missing });
    const onInput = (/** @type {any} */ { target, currentTarget }) => {
      // Of one answer, what is picked and what is typed take each other's place.
      const others = question.multiple || !target.value ? [] : currentTarget.querySelectorAll(`input:not([type=${target.type}])`);
      for (const other of others) Object.assign(other, target.type === "text" ? { checked: false } : { value: "" });
      change();
    };
    const skip = () => {
      skipped[at] = !isSkipped;
      change();
    };
    const description = text(question.description);
    return html`<fieldset @input=${onInput}>
      <legend><span dir="auto">${text(question.question)}</span>${description ? html`<small dir="auto">${description}</small>` : nothing}</legend>
      <div ?inert=${isSkipped}>${question.type === "multiple_choice" ? choices(question, at) : freeform(at)}</div>
      ${missing === at ? html`<p class="error" role="alert">${strings.required}</p>` : nothing}
      <button type="button" class="quiet skip" aria-pressed=${isSkipped} @click=${skip}>${strings.skip}</button>
    </fieldset>`;
  }

  /** What is picked and typed. @param {number} at the place of the question */
  #values(at) {
    const form = new FormData(this.element.querySelector("form") ?? undefined);
    return this.skipped[at] ? [] : form.getAll(String(at)).map((value) => String(value).trim()).filter(Boolean);
  }

  /** @param {Event} event */
  #submit = (event) => {
    event.preventDefault();
    const inputs = this.#inputs;
    const missing = inputs.findIndex((_, at) => !this.skipped[at] && !this.#values(at).length);
    if (missing < 0) return this.#send(inputs.every((_, at) => this.skipped[at]) ? "skipped" : "answered");
    this.#draw({ missing });
    /** @type {HTMLElement | null} */ (this.element.querySelectorAll("fieldset")[missing].querySelector("input, textarea"))?.focus();
  };

  /** @param {"answered" | "skipped"} status */
  async #send(status) {
    const { item, room } = this;
    const answers = this.#inputs.map(({ id }, at) => [id, { values: this.#values(at), skipped: Boolean(this.skipped[at]) }]);
    this.#draw({ sending: status, error: "" });
    try {
      await room.host.whole;
      await room.host.sender.answer(item?.id, { status, answers: status === "answered" ? Object.fromEntries(answers) : {} });
    } catch (error) {
      const { code, message } = /** @type {any} */ (error); // an error without a code is none that the server has told
      this.#draw({ sending: "", error: strings.errors[code] ?? (code ? message : strings.failed) });
      this.#focus("button.answer");
      room.chat.tell("error", { error });
    }
  }
}

/** @param {any} question @param {number} at */
function choices({ options, multiple }, at) {
  return html`${objects(options).map(
      ({ value }) => html`<label><input type=${multiple ? "checkbox" : "radio"} name=${at} value=${text(value)}><span dir="auto">${text(value)}</span></label>`,
    )}
    <input type="text" name=${at} dir="auto" aria-label=${strings.other} placeholder=${strings.other}>`;
}

/** @param {number} at */
function freeform(at) {
  return html`<textarea name=${at} rows="2" dir="auto" aria-label=${strings.yourAnswer}></textarea>`;
}

/** @param {any[]} inputs */
function answers(inputs) {
  return html`<dl class="questions" tabindex="-1">${inputs.map(({ question, answer }) => {
    const values = [answer?.values ?? []].flat().map(text).filter(Boolean);
    return html`<div><dt dir="auto">${text(question)}</dt>
      ${values.length ? values.map((value) => html`<dd dir="auto">${value}</dd>`) : html`<dd class="passed">${strings.skipped}</dd>`}</div>`;
  })}</dl>`;
}
