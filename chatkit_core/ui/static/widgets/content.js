/**
 * Components that show something, text, icons or pictures, and buttons, which show them too.
 *
 * @import { Component, MakeView } from "./layout.js"
 */

import { el, markdownOptions } from "../conversation.js";
import { icon } from "../icons.js";
import { Markdown } from "../markdown.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { idOf, labelOf } from "./actions.js";
import { editableView } from "./controls.js";
import { color, mark, radius, setStyles, sizes, SURFACES, text, TEXT_COLORS, textStyles, write } from "./style.js";

/** Pixels. @type {Record<string, string>} */
const ICON_SIZES = { xs: "14px", sm: "16px", md: "18px", lg: "20px", xl: "24px", "2xl": "28px", "3xl": "32px" };

/** @type {Record<string, MakeView>} */
export const contentViews = {
  Badge() {
    const element = el("span", { className: "w-badge" });
    return {
      element,
      show(component) {
        const { color: tone = "secondary", variant = "soft", size = "sm", pill } = component;
        mark(element, { tone, variant, size, pill });
        write(element, component.label);
      },
    };
  },

  Button({ actions, scope }, self) {
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
  },

  Caption: textView,

  Icon() {
    const element = el("span", { className: "w-icon" });
    return {
      element,
      show(component) {
        setStyles(element, { color: color(component.color, TEXT_COLORS), "--size": ICON_SIZES[component.size] });
        render(icon(text(component.name)), element);
      },
    };
  },

  Image() {
    const element = el("img", { className: "w-image", loading: "lazy" });
    return {
      element,
      show(component) {
        const url = imageUrl(component.src);
        if (url) element.src = url;
        else element.removeAttribute("src");
        element.alt = text(component.alt);
        mark(element, { frame: component.frame, flush: component.flush });
        setStyles(element, {
          ...sizes(component),
          "object-fit": component.fit,
          "object-position": component.position,
          "border-radius": radius(component.radius),
          background: color(component.background, SURFACES),
        });
      },
    };
  },

  Label({ scope }) {
    const element = el("label", { className: "w-text w-label" });
    return {
      element,
      show(component) {
        element.htmlFor = idOf(scope, component.fieldName);
        element.id = labelOf(element.htmlFor);
        setStyles(element, textStyles(component));
        write(element, component.value);
      },
    };
  },

  Markdown({ actions }) {
    const element = el("div", { className: "md w-md", dir: "auto" });
    const markdown = new Markdown(element, markdownOptions(actions.room));
    /** @type {string | undefined} */
    let shown;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let later;
    return {
      element,
      show(component) {
        clearTimeout(later);
        const [value, done] = [text(component.value), !component.streaming];
        if (shown === `${done}${value}`) return;
        const wait = markdown.show(value, { done });
        if (wait) later = setTimeout(() => this.show(component), wait);
        else shown = `${done}${value}`;
      },
    };
  },

  Text: textView,
  Title: textView,
};

/** @type {MakeView} */
function textView(place, self) {
  const { type, editable } = self.component;
  if (editable) return editableView(place, self);
  const element = el(type === "Title" ? "h2" : "p", { className: `w-text w-${type.toLowerCase()}`, dir: "auto" });
  return {
    element,
    show(component) {
      mark(element, { truncate: component.truncate, clamp: Boolean(component.maxLines), streams: component.streaming });
      setStyles(element, textStyles(component));
      write(element, component.value);
    },
  };
}

/** Make a button look like a component says. @param {HTMLButtonElement} element @param {Component} component */
export function dressButton(element, component) {
  const { iconStart, iconEnd, size, pill, uniform, block } = component;
  const tone = component.color ?? component.style ?? "secondary";
  const variant = component.variant ?? (tone === "secondary" ? "soft" : "solid");
  const label = text(component.label);
  const name = label ? null : text(iconStart ?? iconEnd).replace(/^.*:|-/g, " ").trim();
  element.className = "w-button w-control";
  element.disabled = Boolean(component.disabled);
  element.ariaLabel = name;
  element.title = name ?? "";
  mark(element, { tone, variant, size, pill, uniform, block });
  setStyles(element, { "--size": ICON_SIZES[component.iconSize] });
  const sign = (/** @type {unknown} */ of) => (of ? icon(text(of)) : nothing);
  render(html`${sign(iconStart)}${label ? html`<span>${label}</span>` : nothing}${sign(iconEnd)}`, element);
}

/** Return the address of a picture; undefined if it is none that a picture may have. @param {unknown} src */
export function imageUrl(src) {
  if (typeof src !== "string" || !URL.canParse(src, location.href)) return undefined;
  const { href } = new URL(src, location.href);
  return /^(https?:|blob:|data:image\/)/i.test(href) ? href : undefined;
}
