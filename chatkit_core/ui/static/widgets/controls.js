/**
 * Controls to press and to choose with. The browser's own elements, for their keyboard and their names.
 *
 * @import { Component } from "../widget-tree.js"
 * @import { MakeView, Place, Self, View } from "./tree.js"
 */

import { el } from "../conversation.js";
import { icon } from "../icons.js";
import { strings } from "../strings.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { asControl, idOf, nameControl } from "./actions.js";
import { ICON_SIZES } from "./content.js";
import { mark, setStyles, text, write } from "./style.js";

/** @type {MakeView} */
export function buttonView({ actions, scope }, self) {
  const element = el("button");
  element.addEventListener("click", () => {
    if (element.type === "button") actions.run(self.component.onClickAction, element, scope, "self");
  });
  return {
    element,
    show(component) {
      element.type = component.submit && scope.form ? "submit" : "button";
      dressButton(element, component);
    },
  };
}

/** Make a button look like a component says. @param {HTMLButtonElement} element @param {Component} component */
export function dressButton(element, component) {
  const { style, iconStart, iconEnd, iconSize, pill, uniform, block, disabled } = component;
  const label = text(component.label);
  const tone = component.color ?? style ?? "secondary";
  element.className = "w-button w-control";
  element.disabled = Boolean(disabled);
  mark(element, { tone, variant: component.variant ?? (tone === "secondary" ? "soft" : "solid"), size: component.size, pill, uniform, block });
  setStyles(element, { "--size": ICON_SIZES[iconSize] });
  const name = label ? null : text(iconStart ?? iconEnd).replace(/^.*:|-/g, " ").trim();
  element.ariaLabel = name;
  element.title = name ?? "";
  const sign = (/** @type {unknown} */ of) => (of ? icon(text(of)) : nothing);
  render(html`${sign(iconStart)}${label ? html`<span>${label}</span>` : nothing}${sign(iconEnd)}`, element);
}

/** Options beyond which a list can be searched, if nothing else is said. */
const MANY = 15;

/** @type {MakeView} */
export function selectView(place, self) {
  const searches = self.component.searchable ?? optionsOf(self).length > MANY;
  return searches ? searchView(place, self) : plainView(place, self);
}

/** @type {MakeView} */
function plainView(place, self) {
  const select = el("select", { className: "w-field w-control" });
  const choice = asChoice(select, place, self, () => select.value);
  const fill = () => {
    const { placeholder, clearable, defaultValue } = self.component;
    const kept = choice.touched ? select.value : text(defaultValue);
    const none = new Option(text(placeholder) || strings.choose, "");
    none.hidden = none.disabled = !clearable;
    const options = optionsOf(self).map(({ value, label, description, disabled }) => {
      const option = new Option(description ? `${label} — ${text(description)}` : label, text(value));
      option.disabled = Boolean(disabled);
      return option;
    });
    select.replaceChildren(none, ...options);
    select.value = kept;
    if (!select.selectedOptions.length) select.value = "";
  };
  return pickView(select, place, ({ options, placeholder, clearable, defaultValue }) => {
    if (choice.isNews([options, placeholder, clearable, defaultValue])) fill();
  });
}

/** A line to search in, with the options that fit below it; what is none of them does not hold. @type {MakeView} */
function searchView(place, self) {
  const list = el("datalist");
  const input = el("input", { type: "search", className: "w-field w-control", autocomplete: "off" });
  const chosen = () => optionsOf(self).find(({ label }) => label === input.value.trim());
  const choice = asChoice(input, place, self, () => chosen()?.value);
  input.addEventListener("input", () => input.setCustomValidity(input.value && !chosen() ? strings.notListed : ""));
  const view = pickView(input, place, ({ placeholder, options, defaultValue }) => {
    input.placeholder = text(placeholder) || strings.choose;
    list.id = `${input.id}-list`;
    input.setAttribute("list", list.id);
    if (!choice.isNews([options, defaultValue])) return;
    const usable = optionsOf(self).filter(({ disabled }) => !disabled);
    list.replaceChildren(...usable.map(({ label, description }) => new Option(text(description), label)));
    input.defaultValue = usable.find(({ value }) => value === defaultValue)?.label ?? "";
  });
  view.element.append(list);
  return view;
}

/** @type {MakeView} */
export function dateView(place, self) {
  const input = el("input", { type: "date", className: "w-field w-control" });
  asChoice(input, place, self, () => input.value);
  return pickView(input, place, (component) => {
    input.min = dayOf(component.min);
    input.max = dayOf(component.max);
    input.defaultValue = dayOf(component.defaultValue);
  });
}

/** @param {unknown} time in ISO 8601 */
function dayOf(time) {
  return text(time).slice(0, "2025-01-31".length);
}

/** @type {MakeView} */
export function checkboxView(place, self) {
  const input = el("input", { type: "checkbox" });
  const label = el("span");
  asChoice(input, place, self, () => input.checked);
  return {
    element: el("label", { className: "w-check" }, input, label),
    show(component) {
      write(label, component.label);
      dressChoice(input, place, component);
      if (component.label) for (const name of ["aria-label", "aria-labelledby"]) input.removeAttribute(name);
      input.defaultChecked = Boolean(component.defaultChecked);
    },
  };
}

/** @type {MakeView} */
export function radioView(place, self) {
  const element = el("div", { className: "w-radios", role: "radiogroup" });
  const checked = () => /** @type {HTMLInputElement | null} */ (element.querySelector(":checked"))?.value;
  const choice = asChoice(element, place, self, checked);
  const fill = () => {
    const { name, defaultValue, disabled, required } = self.component;
    const kept = choice.touched ? checked() : defaultValue;
    const radios = optionsOf(self).map((option) => {
      const radio = el("input", { type: "radio", name: idOf(place.scope, name), value: text(option.value) });
      Object.assign(radio, { checked: radio.value === kept, disabled: Boolean(disabled || option.disabled), required: Boolean(required) });
      return el("label", { className: "w-check" }, radio, el("span", { textContent: option.label }));
    });
    element.replaceChildren(...radios);
  };
  return {
    element,
    show({ name, ariaLabel, direction, options, defaultValue, disabled, required }) {
      nameControl(element, place.scope, name, text(ariaLabel));
      mark(element, { direction });
      if (choice.isNews([name, options, defaultValue, disabled, required])) fill();
    },
  };
}

/** @param {HTMLInputElement | HTMLSelectElement} control @param {Place} place @param {(component: Component) => void} show @returns {View} */
function pickView(control, place, show) {
  return {
    element: el("span", { className: "w-pick" }, control),
    show(component) {
      mark(this.element, { block: component.block });
      dressChoice(control, place, component);
      show(component);
    },
  };
}

/**
 * Make an element a control that runs `onChangeAction`. What was chosen and is not any more is null; what never was is left out.
 * @param {HTMLElement} element @param {Place} place @param {Self} self @param {() => unknown} read
 */
function asChoice(element, { actions, scope }, self, read) {
  let known = "";
  const choice = {
    /** Whether the user has chosen. */
    touched: false,
    /** Whether what a control is filled from is not what it was. @param {unknown} source */
    isNews(source) {
      const before = known;
      known = JSON.stringify(source);
      return known !== before;
    },
  };
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

/** @param {HTMLInputElement | HTMLSelectElement} element @param {Place} place @param {Component} component */
function dressChoice(element, { scope }, { name, placeholder, disabled, required, variant = "outline", size, pill }) {
  nameControl(element, scope, name, text(placeholder));
  element.disabled = Boolean(disabled);
  element.required = Boolean(required);
  mark(element, { variant, size, pill });
}

/** @param {Self} self @returns {any[]} */
function optionsOf({ component: { options } }) {
  return Array.isArray(options) ? options.filter((option) => typeof option?.label === "string") : [];
}
