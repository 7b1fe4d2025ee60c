/**
 * How the composer looks: the text on top, and below it a row of buttons.
 *
 * @import { Composer, Model, Tool } from "./composer.js"
 */

import { icon, iconButton } from "./icons.js";
import { openMenu } from "./menu.js";
import { strings } from "./strings.js";
import { html, nothing } from "./vendor/lit-html/lit-html.js";

/** @param {Composer} composer */
export function viewOf(composer) {
  const { shut, quote, error, uploads, editor } = composer;
  if (shut) return html`<div class="shut" role="status">${shut.reason ?? (shut.type === "closed" ? strings.closed : strings.locked)}</div>`;
  return html`<div class="box" @mousedown=${(/** @type {MouseEvent} */ event) => keepCaret(event, composer)}>
    ${quote
      ? html`<div class="quoted"><span dir="auto">${quote}</span>
          ${iconButton("close", strings.removeQuote, () => composer.setValue({ reply: "" }))}</div>`
      : nothing}
    ${uploads.view()} ${editor.element}
    ${error ? html`<div class="error" role="alert">${error}</div>` : nothing}
    <div class="row">
      <div>${addButton(composer)} ${toolButtons(composer)} ${mentionButton(composer)}</div>
      <div>${modelButton(composer)} ${microphone(composer)} ${sendButton(composer)}</div>
    </div></div>`;
}

/** A click on a button leaves the caret where it is, and one beside the text brings it there. @param {MouseEvent} event @param {Composer} composer */
function keepCaret(event, composer) {
  const target = /** @type {Element} */ (event.target);
  if (target.closest(".editor, .error, .quoted span")) return;
  event.preventDefault();
  if (!target.closest("button")) composer.editor.focus();
}

/** @param {Composer} composer */
function addButton(composer) {
  const { attachments, tools = [] } = composer.options;
  const others = tools.filter((/** @type {Tool} */ { pinned }) => !pinned);
  if (!attachments?.enabled && !others.length) return nothing;
  const pick = () => /** @type {HTMLElement} */ (composer.element.querySelector("input[type=file]")).click();
  const items = others.map((/** @type {Tool} */ { id, label, icon: name = "sparkle" }) => ({
    label,
    icon: name,
    checked: id === composer.toolId,
    run: () => {
      composer.toggleTool(id);
      composer.focus();
    },
  }));
  if (attachments?.enabled) items.unshift({ label: strings.attach, icon: "attach", run: pick });
  return html`<input type="file" multiple hidden accept=${composer.uploads.accept} @change=${(/** @type {any} */ { target }) => picked(target, composer)}>
    ${others.length ? menuButton(composer, "icon", strings.tools, icon("plus"), items) : iconButton("attach", strings.attach, pick)}`;
}

/** @param {HTMLInputElement} input @param {Composer} composer */
function picked(input, composer) {
  composer.attach([...(input.files ?? [])]);
  input.value = ""; // so that the same file may be picked again
  composer.focus();
}

/** Those that are pinned, and the one that is chosen. @param {Composer} composer */
function toolButtons(composer) {
  return (composer.options.tools ?? []).map((/** @type {Tool} */ { id, label, shortLabel, icon: name = "sparkle", pinned }) => {
    const isChosen = id === composer.toolId;
    if (!pinned && !isChosen) return nothing;
    return html`<button type="button" class="quiet tool" aria-pressed=${isChosen} title=${label} aria-label=${label}
      @click=${() => composer.toggleTool(id)}>${icon(name)}<span>${shortLabel ?? label}</span>${isChosen ? icon("close") : nothing}</button>`;
  });
}

/** @param {Composer} composer */
function mentionButton(composer) {
  const { onTagSearch, showComposerMenu } = composer.host.options.entities ?? {};
  if (!onTagSearch || !showComposerMenu) return nothing;
  return html`<button type="button" class="quiet icon" title=${strings.mention} aria-label=${strings.mention}
    @click=${() => composer.editor.insert("@")}>@</button>`;
}

/** @param {Composer} composer */
function modelButton(composer) {
  const { models = [] } = composer.options;
  if (!models.length) return nothing;
  const chosen = composer.model;
  const items = models.map((/** @type {Model} */ { id, label, description, disabled }) => ({
    label,
    description,
    disabled,
    checked: id === chosen?.id,
    run: () => composer.setValue({ selectedModelId: id }),
  }));
  const content = html`<span>${chosen?.label ?? strings.model}</span>${icon("chevron")}`;
  return menuButton(composer, "model", chosen ? `${strings.model}: ${chosen.label}` : strings.model, content, items);
}

/** @param {Composer} composer @param {string} className @param {string} label @param {unknown} content @param {any[]} items */
function menuButton({ root }, className, label, content, items) {
  return html`<button type="button" class="quiet ${className}" title=${label} aria-label=${label} aria-haspopup="menu" aria-expanded="false"
    @click=${(/** @type {any} */ { currentTarget }) => openMenu(root, currentTarget, items)}>${content}</button>`;
}

/** @param {Composer} composer */
function microphone(composer) {
  if (!composer.options.dictation?.enabled) return nothing;
  const { state = "idle", seconds = 0 } = composer.dictation ?? {};
  const records = state === "recording";
  const label = records ? strings.stopDictating : state === "transcribing" ? strings.transcribing : strings.dictate;
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return html`<button type="button" class="quiet icon mic ${state}" title=${label} aria-label=${label}
    ?disabled=${state === "asking" || state === "transcribing"} @click=${() => composer.dictate()}>
    ${records ? html`<span>${time}</span>` : nothing}${records ? icon("stop", "filled") : icon("mic")}</button>`;
}

/** @param {Composer} composer */
function sendButton(composer) {
  const { chat } = composer;
  const stops = chat.isBusy && chat.allowCancel && composer.isEmpty;
  const label = stops ? strings.stop : strings.send;
  const press = (/** @type {MouseEvent} */ event) => {
    if (!stops) composer.send();
    else if (event.detail < 2) composer.stop(); // a double click that sends stops nothing
  };
  return html`<button type="button" class="send" title=${label} aria-label=${label} ?disabled=${!stops && !composer.maySend} @click=${press}>
    ${stops ? icon("stop", "filled") : icon("send")}</button>`;
}
