/**
 * Controls to choose with and to type in. The browser's own elements, for their keyboard and their names; the browser keeps
 * what was typed, too: a default only shows in what is untouched.
 *
 * @import { Styles } from "./style.js"
 * @import { Component, MakeView, Place, Self, View } from "./layout.js"
 * @typedef {HTMLInputElement | HTMLTextAreaElement} Field
 */

import { el } from "../conversation.js";
import { strings } from "../strings.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { asControl, idOf, nameControl } from "./actions.js";
import { mark, setStyles, text, textStyles, write } from "./style.js";

/** Options beyond which a list can be searched, if nothing else is said. */
const MANY = 15;
const TYPES = ["number", "email", "text", "password", "tel", "url"];
/** @type {Record<string, string>} */
const GUTTERS = { "2xs": "4px", xs: "6px", sm: "8px", md: "10px", lg: "12px", xl: "16px" };

/** @type {Record<string, MakeView>} */
export const controlViews = {
  Checkbox(place, self) {
    const input = el("input", { type: "checkbox" });
    const label = el("span");
    asChoice(input, place, self, () => input.checked);
    return {
      element: el("label", { className: "w-check" }, input, label),
      show(component) {
        write(label, component.label);
        dress(input, place, component);
        if (component.label) for (const name of ["aria-label", "aria-labelledby"]) input.removeAttribute(name);
        input.defaultChecked = Boolean(component.defaultChecked);
      },
    };
  },

  DatePicker(place, self) {
    const input = el("input", { type: "date", className: "w-field w-control" });
    asChoice(input, place, self, () => input.value);
    return pickView(input, place, (component) => {
      input.min = dayOf(component.min);
      input.max = dayOf(component.max);
      input.defaultValue = dayOf(component.defaultValue);
    });
  },

  Input(place, self) {
    const element = el("input", { className: "w-field w-control" });
    const dressField = asField(element, place, self.component);
    return {
      element,
      show(component) {
        element.type = TYPES.includes(component.inputType) ? component.inputType : "text";
        dressField(component);
      },
    };
  },

  RadioGroup(place, self) {
    const element = el("div", { className: "w-radios", role: "radiogroup" });
    const radios = () => [...element.querySelectorAll("input")];
    const chosen = () => radios().find(({ checked }) => checked)?.value;
    const choice = asChoice(element, place, self, chosen);
    return {
      element,
      show(component) {
        const { name, ariaLabel, direction, defaultValue, disabled, required } = component;
        const kept = choice.touched ? chosen() : defaultValue;
        nameControl(element, place.scope, name, text(ariaLabel));
        mark(element, { direction });
        render(optionsOf(component).map((option) => html`<label class="w-check">
          <input type="radio" name=${idOf(place.scope, name)} value=${text(option.value)}
            ?disabled=${disabled || option.disabled} ?required=${required}>
          <span>${option.label}</span></label>`), element);
        for (const radio of radios()) radio.checked = radio.value === kept;
      },
    };
  },

  Select(place, self) {
    const { searchable } = self.component;
    return searchable ?? optionsOf(self.component).length > MANY ? searchView(place, self) : listView(place, self);
  },

  Textarea(place, self) {
    const element = el("textarea", { className: "w-field w-control" });
    const dressField = asField(element, place, self.component);
    return {
      element,
      show(component) {
        element.rows = Number(component.rows) || 3;
        mark(element, { grows: component.autoResize });
        dressField(component, { "--rows": element.rows, "--lines": component.maxRows });
      },
    };
  },
};

/** A list that opens. @type {MakeView} */
function listView(place, self) {
  const select = el("select", { className: "w-field w-control" });
  const choice = asChoice(select, place, self, () => select.value);
  return pickView(select, place, (component) => {
    const { placeholder, clearable, defaultValue } = component;
    const kept = choice.touched ? select.value : text(defaultValue);
    render(html`<option value="" ?hidden=${!clearable} ?disabled=${!clearable}>${text(placeholder) || strings.choose}</option>
      ${optionsOf(component).map(({ value, label, description, disabled }) => html`<option value=${text(value)} ?disabled=${disabled}
        >${label}${description ? ` — ${text(description)}` : nothing}</option>`)}`, select);
    select.value = kept;
    if (!select.selectedOptions.length) select.value = "";
  });
}

/** A line to search in, with the options that fit below it; what is none of them does not hold. @type {MakeView} */
function searchView(place, self) {
  const list = el("datalist");
  const input = el("input", { type: "search", className: "w-field w-control", autocomplete: "off" });
  const chosen = () => optionsOf(self.component).find(({ label }) => label === input.value.trim());
  asChoice(input, place, self, () => chosen()?.value);
  input.addEventListener("input", () => input.setCustomValidity(input.value && !chosen() ? strings.notListed : ""));
  const view = pickView(input, place, (component) => {
    input.placeholder = text(component.placeholder) || strings.choose;
    list.id = `${input.id}-list`;
    input.setAttribute("list", list.id);
    const usable = optionsOf(component).filter(({ disabled }) => !disabled);
    render(usable.map(({ label, description }) => html`<option value=${label}>${text(description)}</option>`), list);
    input.defaultValue = usable.find(({ value }) => value === component.defaultValue)?.label ?? "";
  });
  view.element.append(list);
  return view;
}

/** Text that is edited in place: it grows, and Enter submits its form. @type {MakeView} */
export function editableView(place, self) {
  const element = el("textarea", { className: "w-field w-editable w-text w-control", rows: 1, dir: "auto" });
  const dressField = asField(element, place, self.component.editable);
  mark(element, { grows: true });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    element.form?.requestSubmit();
  });
  return {
    element,
    show(component) {
      const { type, value: defaultValue } = component;
      dressField({ type, ...component.editable, defaultValue, variant: "ghost" }, textStyles(component));
    },
  };
}

/**
 * Make an element a control that runs `onChangeAction`. What was chosen and is not any more is null; what never was is left out.
 * @param {HTMLElement} element @param {Place} place @param {Self} self @param {() => unknown} read
 */
function asChoice(element, { actions, scope }, self, read) {
  /** `touched`: whether the user has chosen. */
  const choice = { touched: false };
  asControl(element, () => {
    const value = read();
    if (value !== "" && value !== undefined) return value;
    return choice.touched || self.component.defaultValue ? null : undefined;
  });
  element.addEventListener("change", () => {
    choice.touched = true;
    const isValid = !("checkValidity" in element) || /** @type {HTMLInputElement} */ (element).checkValidity();
    if (isValid) actions.run(self.component.onChangeAction, element, scope, "none");
  });
  return choice;
}

/** @param {HTMLInputElement | HTMLSelectElement} control @param {Place} place @param {(component: Component) => void} show @returns {View} */
function pickView(control, place, show) {
  return {
    element: el("span", { className: "w-pick" }, control),
    show(component) {
      mark(this.element, { block: component.block });
      dress(control, place, component);
      show(component);
    },
  };
}

/**
 * Make an element a control to type in, that knows patterns, and that grows where the style sheet cannot let it.
 * @param {Field} element @param {Place} place @param {any} component `autoFocus` does nothing while the user is typing elsewhere
 * @returns {(component: Component, styles?: Styles) => void} what makes it look like a component says
 */
function asField(element, place, { autoFocus, autoSelect }) {
  /** @type {RegExp | undefined} */
  let pattern;
  const check = () => {
    element.setCustomValidity(!element.value || !pattern || pattern.test(element.value) ? "" : strings.wrongFormat);
    if (!element.dataset.grows || CSS.supports("field-sizing", "content")) return;
    element.style.height = "auto";
    element.style.height = `${element.scrollHeight + element.offsetHeight - element.clientHeight}px`;
  };
  asControl(element, () => element.value);
  element.addEventListener("input", check);
  if (autoSelect) element.addEventListener("focus", () => element.select());
  if (autoFocus && place.actions.room.chat.isBusy) requestAnimationFrame(() => takeFocus(element));
  return (component, styles) => {
    const { defaultValue, placeholder, autoComplete, allowAutofillExtensions: autofill } = component;
    dress(element, place, component);
    setStyles(element, { "--gutter": GUTTERS[component.gutterSize], ...styles });
    element.defaultValue = text(defaultValue);
    element.placeholder = text(placeholder);
    element.setAttribute("autocomplete", text(autoComplete) || (autofill ? "on" : "off"));
    // Each password manager has a mark of its own that tells it to stay out.
    mark(element, { "1pIgnore": !autofill, bwignore: !autofill, lpignore: !autofill, formType: !autofill && "other" });
    // As in HTML, a number has none.
    pattern = element.type === "number" ? undefined : patternOf(text(component.pattern));
    check();
  };
}

/** @param {string} source @returns {RegExp | undefined} none if it is not a regular expression: then anything fits, as in an input */
function patternOf(source) {
  try {
    return source ? new RegExp(`^(?:${source})$`, "v") : undefined;
  } catch {
    return undefined;
  }
}

/** @param {Field} element */
function takeFocus(element) {
  const { activeElement } = /** @type {ShadowRoot} */ (element.getRootNode());
  const typed = /** @type {any} */ (activeElement)?.value || activeElement?.textContent?.trim();
  if (!typed) element.focus({ preventScroll: true });
}

/** What all controls have. @param {Field | HTMLSelectElement} element @param {Place} place @param {Component} component */
function dress(element, { scope }, { name, placeholder, disabled, required, variant, size, pill }) {
  nameControl(element, scope, name, text(placeholder));
  element.disabled = Boolean(disabled);
  element.required = Boolean(required);
  mark(element, { variant: variant ?? "outline", size, pill });
}

/** @param {unknown} time in ISO 8601 */
function dayOf(time) {
  return text(time).slice(0, "2025-01-31".length);
}

/** @param {Component} component @returns {any[]} */
function optionsOf({ options }) {
  return Array.isArray(options) ? options.filter((option) => typeof option?.label === "string") : [];
}
