/**
 * Controls to type in. The browser keeps what was typed: a default only shows in what is untouched.
 *
 * @import { Component } from "../widget-tree.js"
 * @import { MakeView, Place } from "./tree.js"
 * @typedef {HTMLInputElement | HTMLTextAreaElement} Field
 */

import { el } from "../conversation.js";
import { strings } from "../strings.js";
import { asControl, nameControl } from "./actions.js";
import { mark, setStyles, text, textStyles } from "./style.js";

const TYPES = ["number", "email", "text", "password", "tel", "url"];
/** @type {Record<string, string>} */
const GUTTERS = { "2xs": "4px", xs: "6px", sm: "8px", md: "10px", lg: "12px", xl: "16px" };
/** Tells password managers to stay out. @type {Record<string, string>} */
const NO_AUTOFILL = { "data-1p-ignore": "", "data-bwignore": "", "data-lpignore": "true", "data-form-type": "other" };

/** @type {MakeView} */
export function inputView(place, self) {
  const element = el("input", { className: "w-field w-control" });
  asField(element, place, self.component);
  return {
    element,
    show(component) {
      element.type = TYPES.includes(component.inputType) ? component.inputType : "text";
      if (component.pattern) element.pattern = text(component.pattern);
      else element.removeAttribute("pattern");
      dressField(element, place, component);
      setStyles(element, { "--gutter": GUTTERS[component.gutterSize] });
    },
  };
}

/** @type {MakeView} */
export function textareaView(place, self) {
  const element = el("textarea", { className: "w-field w-control" });
  asField(element, place, self.component);
  const check = asArea(element);
  return {
    element,
    show(component) {
      element.rows = Number(component.rows) || 3;
      const lines = { "--rows": String(element.rows), "--lines": component.maxRows && String(component.maxRows) };
      mark(element, { grows: component.autoResize });
      dressField(element, place, component);
      setStyles(element, { "--gutter": GUTTERS[component.gutterSize], ...lines });
      check(component.pattern);
    },
  };
}

/** Text that is edited in place: it grows, and Enter submits its form. @type {MakeView} */
export function editableView(place, self) {
  const element = el("textarea", { className: "w-field w-editable w-text w-control", rows: 1, dir: "auto" });
  asField(element, place, self.component.editable);
  const check = asArea(element);
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element.form?.requestSubmit();
  });
  return {
    element,
    show(component) {
      mark(element, { grows: true });
      dressField(element, place, { type: "Text", ...component.editable, defaultValue: component.value, variant: "ghost" });
      setStyles(element, textStyles(component));
      check(component.editable.pattern);
    },
  };
}

/** @param {Field} element @param {Place} place @param {any} component */
function asField(element, { actions }, { autoFocus, autoSelect }) {
  asControl(element, () => element.value);
  if (autoSelect) element.addEventListener("focus", () => element.select());
  if (autoFocus && actions.room.chat.isBusy) requestAnimationFrame(() => takeFocus(element));
}

/** Take the focus, unless the user is typing elsewhere. @param {Field} element */
function takeFocus(element) {
  const { activeElement } = /** @type {ShadowRoot} */ (element.getRootNode());
  const typed = /** @type {any} */ (activeElement)?.value || activeElement?.textContent?.trim();
  if (!typed) element.focus({ preventScroll: true });
}

/** @param {Field} element @param {Place} place @param {Component} component */
function dressField(element, { scope }, component) {
  nameControl(element, scope, component.name, text(component.placeholder));
  element.defaultValue = text(component.defaultValue);
  element.placeholder = text(component.placeholder);
  element.required = Boolean(component.required);
  element.disabled = Boolean(component.disabled);
  const autofill = component.allowAutofillExtensions;
  element.setAttribute("autocomplete", text(component.autoComplete) || (autofill ? "on" : "off"));
  for (const [name, value] of Object.entries(NO_AUTOFILL)) {
    if (autofill) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  mark(element, { variant: component.variant ?? "outline", size: component.size, pill: component.pill });
}

/**
 * Let a text area grow where the style sheet cannot, and know patterns as inputs do.
 * @param {HTMLTextAreaElement} element @returns {(pattern: unknown) => void} what sets the pattern
 */
function asArea(element) {
  /** @type {RegExp | undefined} */
  let pattern;
  const check = () => {
    const fits = !element.value || !pattern || pattern.test(element.value);
    element.setCustomValidity(fits ? "" : strings.wrongFormat);
    if (element.dataset.grows && !CSS.supports("field-sizing", "content")) {
      element.style.setProperty("height", "auto");
      element.style.setProperty("height", `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`);
    }
  };
  element.addEventListener("input", check);
  return (source) => {
    pattern = source ? patternOf(text(source)) : undefined;
    check();
  };
}

/** @param {string} source @returns {RegExp | undefined} none if it is not a regular expression: then anything fits, as in an input */
function patternOf(source) {
  try {
    return new RegExp(`^(?:${source})$`, "v");
  } catch {
    return undefined;
  }
}
