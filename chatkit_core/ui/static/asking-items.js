/**
 * Shows what the assistant asks for: a tool of the page's, which runs by itself, and questions that the user answers.
 *
 * @import { Item } from "./chat.js"
 * @import { Room, View } from "./conversation.js"
 * @typedef {{ picked: Set<string>, typed: string, skipped: boolean }} Draft
 */

import { ChatError } from "./chat.js";
import { el } from "./conversation.js";
import { icon } from "./icons.js";
import { fold, objects, spinner, text } from "./item-parts.js";
import { strings } from "./strings.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

/** @param {Room} room @returns {View} */
export function toolView(room) {
  const { chat } = room;
  const element = el("div");
  let open = false;
  /** @type {View["show"]} */
  const show = (item) => {
    const { status, arguments: params, output } = item;
    const name = text(item.name);
    const isPending = status === "pending";
    const runs = isPending && chat.turn !== null; // which a call of a turn that was stopped does not
    const label = runs ? strings.toolRuns(name) : isPending ? name : strings.toolRan(name);
    const head = html`${runs ? spinner() : icon(isPending ? "bolt" : "check")}<span>${label}</span>`;
    const body = () => html`${json(strings.toolArguments, params)}${json(strings.toolOutput, output)}`;
    const toggle = () => {
      open = !open;
      show(item, false);
    };
    render(html`<div class="call">${fold(open, toggle, head, body)}</div>`, element);
    if (runs) chat.addEventListener("change", () => element.isConnected && room.again(item.id), { once: true });
  };
  return { element, show };
}

/** @param {string} label @param {unknown} value */
function json(label, value) {
  if (value === undefined || value === null) return nothing;
  return html`<div class="label">${label}</div><pre tabindex="0" role="region" aria-label=${label}>${JSON.stringify(value, null, 2)}</pre>`;
}

/** @param {Room} room @returns {View} */
export function questionsView(room) {
  const questions = new Questions(room);
  return { element: questions.element, show: (item) => questions.show(item) };
}

/** A form, one field set a question; once it is answered, the answers. */
class Questions {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    this.element = el("div");
    /** @type {any[]} */
    this.inputs = [];
    /** What the user has put in, by the place of the question. @type {Draft[]} */
    this.drafts = [];
    /** The place of the question that wants an answer before this is sent. */
    this.missing = -1;
    this.sending = "";
    this.error = "";
  }

  /** @param {Item} item */
  show(item) {
    this.item = item;
    this.inputs = objects(item.inputs);
    const wasSent = this.sending && item.status !== "pending";
    if (wasSent) this.sending = "";
    this.#draw();
    if (wasSent) this.#focus("dl");
  }

  #draw() {
    const { item, inputs } = this;
    if (item) render(item.status === "pending" ? this.#form() : answers(inputs), this.element);
  }

  /** The form is inert while it is sent, so it has lost the focus; unless that is elsewhere by now. @param {string} selector */
  #focus(selector) {
    if (!this.room.host.shadowRoot.activeElement) /** @type {HTMLElement | null} */ (this.element.querySelector(selector))?.focus();
  }

  #form() {
    const { inputs, sending, error } = this;
    const isOpen = (this.room.chat.thread?.status?.type ?? "active") === "active";
    const onSubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#submit();
    };
    return html`<form class="questions" ?inert=${Boolean(sending) || !isOpen} @submit=${onSubmit}>
      ${inputs.map((question, at) => this.#question(question, at))}
      ${error ? html`<p class="error" role="alert">${error}</p>` : nothing}
      <div class="buttons">
        <button class="answer">${sending === "answered" ? spinner() : nothing}${strings.answer}</button>
        <button type="button" class="quiet" @click=${() => this.#send("skipped")}>
          ${sending === "skipped" ? spinner() : nothing}${inputs.length > 1 ? strings.skipAll : strings.skip}</button>
      </div></form>`;
  }

  /** @param {any} question @param {number} at */
  #question(question, at) {
    const draft = (this.drafts[at] ??= { picked: new Set(), typed: "", skipped: false });
    const change = (/** @type {Partial<Draft>} */ changes) => {
      Object.assign(draft, changes);
      if (this.missing === at) this.missing = -1;
      this.#draw();
    };
    const description = text(question.description);
    return html`<fieldset>
      <legend><span dir="auto">${text(question.question)}</span>${description ? html`<small dir="auto">${description}</small>` : nothing}</legend>
      <div ?inert=${draft.skipped}>${question.type === "multiple_choice" ? choices(question, draft, change) : freeform(draft, change)}</div>
      ${this.missing === at ? html`<p class="error" role="alert">${strings.required}</p>` : nothing}
      ${this.inputs.length > 1
        ? html`<button type="button" class="quiet skip" aria-pressed=${draft.skipped} @click=${() => change({ skipped: !draft.skipped })}>${strings.skip}</button>`
        : nothing}
    </fieldset>`;
  }

  #submit() {
    const { drafts } = this;
    this.missing = drafts.findIndex((draft) => !draft.skipped && !valuesOf(draft).length);
    if (this.missing < 0) return this.#send(drafts.every(({ skipped }) => skipped) ? "skipped" : "answered");
    this.#draw();
    /** @type {HTMLElement | null} */ (this.element.querySelectorAll("fieldset")[this.missing].querySelector("input, textarea"))?.focus();
  }

  /** @param {"answered" | "skipped"} status */
  async #send(status) {
    const { item, inputs, drafts, room } = this;
    const answers = drafts.map((draft, at) => [inputs[at]?.id, { values: draft.skipped ? [] : valuesOf(draft), skipped: draft.skipped }]);
    Object.assign(this, { sending: status, error: "" });
    this.#draw();
    try {
      await room.host.whole;
      await room.host.sender.answer(item?.id, { status, answers: status === "answered" ? Object.fromEntries(answers) : {} });
    } catch (error) {
      const { code, message } = error instanceof ChatError ? error : { code: "", message: strings.failed };
      Object.assign(this, { sending: "", error: strings.errors[code] ?? message });
      this.#draw();
      this.#focus("button.answer");
      room.chat.tell("error", { error });
    }
  }
}

/** @param {any} question @param {Draft} draft @param {(changes: Partial<Draft>) => void} change */
function choices({ id, options, multiple }, draft, change) {
  const onPick = (/** @type {any} */ { target: { value, checked } }) => {
    const others = [...draft.picked].filter((one) => multiple && one !== value);
    change({ picked: new Set(checked ? [...others, value] : others), typed: multiple ? draft.typed : "" });
  };
  const onType = (/** @type {any} */ { target: { value } }) => change({ typed: value, picked: multiple || !value ? draft.picked : new Set() });
  return html`${objects(options).map(
      ({ value }) => html`<label><input type=${multiple ? "checkbox" : "radio"} name=${text(id)} value=${text(value)}
        .checked=${draft.picked.has(value)} @change=${onPick}><span dir="auto">${text(value)}</span></label>`,
    )}
    <input type="text" dir="auto" aria-label=${strings.other} placeholder=${strings.other} .value=${draft.typed} @input=${onType}>`;
}

/** @param {Draft} draft @param {(changes: Partial<Draft>) => void} change */
function freeform({ typed }, change) {
  return html`<textarea rows="2" dir="auto" aria-label=${strings.yourAnswer} .value=${typed}
    @input=${(/** @type {any} */ { target: { value } }) => change({ typed: value })}></textarea>`;
}

/** @param {Draft} draft */
function valuesOf({ picked, typed }) {
  return [...picked, typed.trim()].filter(Boolean);
}

/** @param {any[]} inputs */
function answers(inputs) {
  return html`<dl class="questions" tabindex="-1">${inputs.map(({ question, answer }) => {
    const values = [answer?.values ?? []].flat().map(text).filter(Boolean);
    return html`<div><dt dir="auto">${text(question)}</dt>
      ${values.length ? values.map((value) => html`<dd dir="auto">${value}</dd>`) : html`<dd class="passed">${strings.skipped}</dd>`}</div>`;
  })}</dl>`;
}
