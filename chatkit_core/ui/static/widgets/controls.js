/**
 * Controls to press and to choose with. The browser's own elements, for their keyboard and their names.
 *
 * @import { Component } from "../widget-tree.js"
 * @import { MakeView, Place } from "./tree.js"
 */

import { el } from "../conversation.js";
import { icon } from "../icons.js";
import { strings } from "../strings.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { asControl, idOf, nameControl } from "./actions.js";
import { ICON_SIZES } from "./content.js";
import { mark, setStyles, text } from "./style.js";

/** @type {MakeView} */
export function buttonView({ actions, scope }, component) {
  const element = el("button");
  let action = component.onClickAction;
  element.addEventListener("click", () => {
    if (element.type === "button") actions.run(action, element, scope, "self");
  });
  return {
    element,
    show(component) {
      action = component.onClickAction;
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
export function selectView(place, component) {
  const searches = component.searchable ?? optionsOf(component).length > MANY;
  return searches ? searchView(place, component) : plainView(place, component);
}

/** @type {MakeView} */
function plainView(place, component) {
  const select = el("select", { className: "w-field w-control" });
  const element = el("span", { className: "w-pick" }, select);
  const current = asChoice(select, place, component, () => select.value);
  const fill = once(() => {
    const { placeholder, clearable, defaultValue } = current.component;
    const kept = current.touched ? select.value : text(defaultValue);
    const none = new Option(text(placeholder) || strings.choose, "");
    none.hidden = none.disabled = !clearable;
    const options = optionsOf(current.component).map(({ value, label, description, disabled }) => {
      const option = new Option(description ? `${text(label)} — ${text(description)}` : text(label), text(value));
      option.disabled = Boolean(disabled);
      return option;
    });
    select.replaceChildren(none, ...options);
    select.value = kept;
    if (!select.selectedOptions.length) select.value = "";
  });
  return {
    element,
    show(component) {
      current.component = component;
      dressChoice(select, place, component);
      mark(element, { block: component.block });
      fill([component.options, component.placeholder, component.clearable, component.defaultValue]);
    },
  };
}

/** A line to search in, with the options that fit below it; what is none of them does not hold. @type {MakeView} */
function searchView(place, component) {
  const list = el("datalist");
  const input = el("input", { type: "search", className: "w-field w-control", autocomplete: "off" });
  const element = el("span", { className: "w-pick" }, input, list);
  const chosen = () => optionsOf(current.component).find(({ label }) => text(label) === input.value.trim());
  const current = asChoice(input, place, component, () => chosen()?.value);
  input.addEventListener("input", () => input.setCustomValidity(input.value && !chosen() ? strings.notListed : ""));
  const fill = once(() => {
    const options = optionsOf(current.component);
    list.replaceChildren(...options.filter(({ disabled }) => !disabled).map(({ label, description }) => new Option(text(description), text(label))));
    input.defaultValue = text(options.find(({ value }) => value === current.component.defaultValue)?.label);
  });
  return {
    element,
    show(component) {
      current.component = component;
      dressChoice(input, place, component);
      input.placeholder = text(component.placeholder) || strings.choose;
      list.id = `${input.id}-list`;
      input.setAttribute("list", list.id);
      mark(element, { block: component.block });
      fill([component.options, component.defaultValue]);
    },
  };
}

/** @type {MakeView} */
export function dateView(place, component) {
  const input = el("input", { type: "date", className: "w-field w-control" });
  const element = el("span", { className: "w-pick w-date" }, input);
  const current = asChoice(input, place, component, () => input.value);
  const day = (/** @type {unknown} */ value) => text(value).slice(0, "2025-01-31".length);
  return {
    element,
    show(component) {
      current.component = component;
      dressChoice(input, place, component);
      input.min = day(component.min);
      input.max = day(component.max);
      input.defaultValue = day(component.defaultValue);
      mark(element, { block: component.block });
    },
  };
}

/** @type {MakeView} */
export function checkboxView(place, component) {
  const input = el("input", { type: "checkbox" });
  const label = el("span");
  const element = el("label", { className: "w-check" }, input, label);
  const current = asChoice(input, place, component, () => input.checked);
  return {
    element,
    show(component) {
      current.component = component;
      label.textContent = text(component.label);
      dressChoice(input, place, component);
      if (component.label) input.removeAttribute("aria-labelledby");
      if (component.label) input.ariaLabel = null;
      input.defaultChecked = Boolean(component.defaultChecked);
    },
  };
}

/** @type {MakeView} */
export function radioView(place, component) {
  const element = el("div", { className: "w-radios", role: "radiogroup" });
  const checked = () => /** @type {HTMLInputElement | null} */ (element.querySelector(":checked"))?.value;
  const current = asChoice(element, place, component, checked);
  const fill = once(() => {
    const { name, defaultValue, disabled, required } = current.component;
    const kept = current.touched ? checked() : defaultValue;
    const radios = optionsOf(current.component).map((option) => {
      const radio = el("input", { type: "radio", name: idOf(place.scope, name), value: text(option.value) });
      Object.assign(radio, { checked: radio.value === kept, disabled: Boolean(disabled || option.disabled), required: Boolean(required) });
      return el("label", { className: "w-check" }, radio, el("span", { textContent: text(option.label) }));
    });
    element.replaceChildren(...radios);
  });
  return {
    element,
    show(component) {
      current.component = component;
      nameControl(element, place.scope, component.name, text(component.ariaLabel));
      mark(element, { direction: component.direction });
      fill([component.name, component.options, component.defaultValue, component.disabled, component.required]);
    },
  };
}

/**
 * Make an element a control that runs `onChangeAction`. What was chosen and is not any more is null; what never was is left out.
 * @param {HTMLElement} element @param {Place} place @param {Component} component @param {() => unknown} read
 * @returns {{ component: Component, touched: boolean }} which the caller keeps current
 */
function asChoice(element, { actions, scope }, component, read) {
  const current = { component, touched: false };
  asControl(element, () => {
    const value = read();
    if (value !== "" && value !== undefined) return value;
    return current.touched || current.component.defaultValue ? null : undefined;
  });
  element.addEventListener("change", () => {
    current.touched = true;
    const isValid = !("checkValidity" in element) || /** @type {HTMLInputElement} */ (element).checkValidity();
    if (isValid) actions.run(current.component.onChangeAction, element, scope, "none");
  });
  return current;
}

/** @param {HTMLInputElement | HTMLSelectElement} element @param {Place} place @param {Component} component */
function dressChoice(element, { scope }, { name, placeholder, disabled, required, variant = "outline", size, pill }) {
  nameControl(element, scope, name, text(placeholder));
  element.disabled = Boolean(disabled);
  element.required = Boolean(required);
  mark(element, { variant, size, pill });
}

/** @param {Component} component @returns {any[]} */
function optionsOf({ options }) {
  return Array.isArray(options) ? options.filter((option) => typeof option?.label === "string") : [];
}

/** Call only when what it is for has changed. @param {() => void} call @returns {(about: unknown) => void} */
function once(call) {
  /** @type {string | undefined} */
  let last;
  return (about) => {
    const now = JSON.stringify(about);
    if (now !== last) call();
    last = now;
  };
}
