/**
 * Components that show something: text, icons, pictures.
 *
 * @import { MakeView } from "./tree.js"
 */

import { el, markdownOptions } from "../conversation.js";
import { icon } from "../icons.js";
import { Markdown } from "../markdown.js";
import { render } from "../vendor/lit-html/lit-html.js";
import { idOf, labelOf } from "./actions.js";
import { editableView } from "./fields.js";
import { color, mark, radius, setStyles, sizes, SURFACES, text, TEXT_COLORS, textStyles, write } from "./style.js";

/** Pixels. @type {Record<string, string>} */
export const ICON_SIZES = { xs: "14px", sm: "16px", md: "18px", lg: "20px", xl: "24px", "2xl": "28px", "3xl": "32px" };

/** @type {MakeView} */
export function textView(place, self) {
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

/** @type {MakeView} */
export function markdownView({ actions }) {
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
}

/** @type {MakeView} */
export function badgeView() {
  const element = el("span", { className: "w-badge" });
  return {
    element,
    show(component) {
      const { color: tone = "secondary", variant = "soft", size = "sm", pill } = component;
      mark(element, { tone, variant, size, pill });
      write(element, component.label);
    },
  };
}

/** @type {MakeView} */
export function labelView({ scope }) {
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
}

/** @type {MakeView} */
export function iconView() {
  const element = el("span", { className: "w-icon" });
  return {
    element,
    show(component) {
      setStyles(element, { color: color(component.color, TEXT_COLORS), "--size": ICON_SIZES[component.size] });
      render(icon(text(component.name)), element);
    },
  };
}

/** @type {MakeView} */
export function imageView() {
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
        "object-fit": text(component.fit),
        "object-position": text(component.position),
        "border-radius": radius(component.radius),
        background: color(component.background, SURFACES),
      });
    },
  };
}

/** Return the address of a picture; undefined if it is none that a picture may have. @param {unknown} src */
export function imageUrl(src) {
  if (typeof src !== "string" || !URL.canParse(src, location.href)) return undefined;
  const { protocol, href } = new URL(src, location.href);
  return ["http:", "https:", "blob:"].includes(protocol) || /^data:image\//i.test(href) ? href : undefined;
}
