/**
 * How the composer looks: the text on top, and below it a row of buttons.
 *
 * @import { Composer } from "./composer.js"
 * @import { MenuItem } from "./menus.js"
 */

import { icon, iconButton, labelled } from "./icons.js";
import { openMenu } from "./menus.js";
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
  const { attachments } = composer.options;
  const others = composer.tools.filter(({ pinned }) => !pinned);
  if (!attachments?.enabled && !others.length) return nothing;
  const pick = () => /** @type {HTMLElement} */ (composer.element.querySelector("input[type=file]")).click();
  /** @type {MenuItem[]} */
  const items = others.map(({ id, label, icon: name = "sparkle" }) => ({
    label,
    icon: name,
    checked: id === composer.toolId,
    run: () => {
      composer.toggleTool(id);
      composer.focus();
    },
  }));
  if (attachments?.enabled) items.unshift({ label: strings.attach, icon: "attach", run: pick });
  const picked = (/** @type {any} */ { target }) => {
    composer.attach([...target.files]);
    target.value = ""; // so that the same file may be picked again
    composer.focus();
  };
  return html`<input type="file" multiple hidden accept=${composer.uploads.accept} @change=${picked}>
    ${others.length ? menuButton(composer, "quiet icon", strings.tools, icon("plus"), items) : iconButton("attach", strings.attach, pick)}`;
}

/** Those that are pinned, and the one that is chosen. @param {Composer} composer */
function toolButtons(composer) {
  return composer.tools.map(({ id, label, shortLabel, icon: name = "", pinned }) => {
    const isChosen = id === composer.toolId;
    if (!pinned && !isChosen) return nothing;
    const content = html`${icon(name)}<span>${shortLabel ?? label}</span>${isChosen ? icon("close") : nothing}`;
    return labelled("quiet tool", label, content, () => composer.toggleTool(id), { pressed: isChosen });
  });
}

/** @param {Composer} composer */
function mentionButton(composer) {
  const { onTagSearch, showComposerMenu } = composer.host.options.entities ?? {};
  if (!onTagSearch || !showComposerMenu) return nothing;
  return labelled("quiet icon", strings.mention, "@", () => composer.editor.insert("@"));
}

/** @param {Composer} composer */
function modelButton(composer) {
  const { models, model: chosen } = composer;
  if (!models.length) return nothing;
  const items = models.map(({ id, label, description, disabled }) => ({
    label,
    description,
    disabled,
    checked: id === chosen?.id,
    run: () => composer.setValue({ selectedModelId: id }),
  }));
  const content = html`<span>${chosen?.label ?? strings.model}</span>${icon("chevron")}`;
  return menuButton(composer, "quiet model", chosen ? `${strings.model}: ${chosen.label}` : strings.model, content, items);
}

/** @param {Composer} composer @param {string} className @param {string} label @param {unknown} content @param {MenuItem[]} items */
function menuButton({ root }, className, label, content, items) {
  const open = (/** @type {any} */ { currentTarget }) => openMenu(root, currentTarget, items);
  return labelled(className, label, content, open, { popup: "menu", expanded: false });
}

/** @param {Composer} composer */
function microphone(composer) {
  if (!composer.options.dictation?.enabled) return nothing;
  const { state = "idle", seconds = 0 } = composer.dictation ?? {};
  const records = state === "recording";
  const label = { recording: strings.stopDictating, transcribing: strings.transcribing }[/** @type {string} */ (state)] ?? strings.dictate;
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  const content = records ? html`<span>${time}</span>${icon("stop", "filled")}` : icon("mic");
  return labelled(`quiet icon mic ${state}`, label, content, () => composer.dictate(), { disabled: !records && state !== "idle" });
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
  return labelled("send", label, stops ? icon("stop", "filled") : icon("send"), press, { disabled: !stops && !composer.maySend });
}
