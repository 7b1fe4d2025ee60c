/**
 * The vocabulary of sizes, colours and places, as CSS.
 *
 * A number is pixels, but for room (gap, padding, margin, spacing), which counts steps of 4 pixels. A string is CSS. Left and
 * right are those of a page that reads from left to right.
 *
 * @import { Component } from "../widget-tree.js"
 * @typedef {Record<string, string | undefined>} Styles
 */

const STEP = 4;
/** What would load something, or hides that it does. */
const LOADS = /\\|(url|src|image|image-set|cross-fade|element)\(/i;

/** Shares of `--ck-radius`. @type {Record<string, number>} */
const RADII = { none: 0, "2xs": 0.17, xs: 0.33, sm: 0.5, md: 0.67, lg: 0.83, xl: 1, "2xl": 1.33, "3xl": 1.67, "4xl": 2 };
/** @type {Record<string, string>} */
const ALIGN = { between: "space-between", around: "space-around", evenly: "space-evenly" };

/** @type {Record<string, string>} */
export const TEXT_COLORS = {
  prose: "var(--text)",
  primary: "var(--text)",
  emphasis: "var(--text)",
  secondary: "var(--muted)",
  tertiary: "var(--muted)",
  success: "var(--success)",
  warning: "var(--warning)",
  danger: "var(--danger)",
};
/** Shares of `--ck-size`. @type {Record<string, Record<string, number>>} */
const TEXT_SIZES = {
  Text: { xs: 0.75, sm: 0.875, md: 1, lg: 1.125, xl: 1.25 },
  Caption: { sm: 0.75, md: 0.8125, lg: 0.875 },
  Title: { sm: 1, md: 1.125, lg: 1.25, xl: 1.5, "2xl": 1.75, "3xl": 2, "4xl": 2.5, "5xl": 3 },
};
/** @type {Record<string, string>} */
const WEIGHTS = { normal: "400", medium: "500", semibold: "600", bold: "700" };

/** @type {Record<string, string>} */
export const SURFACES = {
  surface: "var(--raised)",
  "surface-secondary": "var(--surface)",
  "surface-tertiary": "color-mix(in srgb, var(--text) 7%, var(--surface))",
  "surface-elevated": "var(--raised)",
  "surface-elevated-secondary": "var(--surface)",
};
/** @type {Record<string, string>} */
export const LINES = {
  default: "var(--border)",
  subtle: "color-mix(in srgb, var(--border) 55%, transparent)",
  strong: "color-mix(in srgb, var(--text) 40%, var(--border))",
};
/** The middle of each scale of primitives, `red-500`; charts take them in this order. @type {Record<string, string>} */
export const HUES = {
  blue: "#2a6fe0",
  purple: "#8a4fd8",
  orange: "#d9690f",
  green: "#24914f",
  red: "#dc3a32",
  yellow: "#c99700",
  pink: "#d1417f",
  gray: "#757984",
};

/** The styles that elements have. @type {WeakMap<HTMLElement, string>} */
const given = new WeakMap();

/** Give an element these styles and no others. @param {HTMLElement} element @param {Styles} styles */
export function setStyles(element, styles) {
  const now = JSON.stringify(styles);
  if (given.get(element) === now) return;
  given.set(element, now);
  element.style.cssText = "";
  for (const [name, value] of Object.entries(styles)) if (value && !LOADS.test(value)) element.style.setProperty(name, value);
}

/** Keep words and switches as `data-…`, for the style sheet to tell. @param {HTMLElement} element @param {Record<string, any>} words */
export function mark(element, words) {
  for (const [name, word] of Object.entries(words)) {
    if (word === undefined || word === null || word === false) delete element.dataset[name];
    else element.dataset[name] = String(word);
  }
}

/** @param {unknown} value @returns {string} what can be shown of it as text */
export function text(value) {
  return ["string", "number", "boolean"].includes(typeof value) ? String(value) : "";
}

/** Show a text; one that is there already stays, with what is selected of it. @param {HTMLElement} element @param {unknown} value */
export function write(element, value) {
  const now = text(value);
  if (element.textContent !== now) element.textContent = now;
}

/** @param {any} value @param {number} [unit] pixels that a number counts @returns {string | undefined} */
export function length(value, unit = 1) {
  return typeof value === "number" ? `${value * unit}px` : typeof value === "string" ? value : undefined;
}

/** @param {any} value @returns {string | undefined} */
export function room(value) {
  return length(value, STEP);
}

/** @param {any} value a token, a primitive, a CSS colour, or one for each theme @param {Record<string, string>} [tokens] @returns {string | undefined} */
export function color(value, tokens = {}) {
  if (typeof value === "string") return tokens[value] ?? primitive(value) ?? value;
  if (!value?.light && !value?.dark) return undefined;
  return `light-dark(${color(value.light ?? value.dark, tokens)}, ${color(value.dark ?? value.light, tokens)})`;
}

/** @param {string} name such as `red-100` */
function primitive(name) {
  const [, hue, digits] = /^([a-z]+)-(\d+)$/.exec(name) ?? [];
  const step = Number(digits);
  if (hue === "alpha") return `color-mix(in srgb, var(--text) ${step}%, transparent)`;
  if (!HUES[hue]) return undefined;
  return step > 500 ? `color-mix(in oklab, ${HUES[hue]} ${(1000 - step) / 5}%, #000)` : `color-mix(in oklab, ${HUES[hue]} ${step / 5}%, #fff)`;
}

/** @param {any} value @returns {string | undefined} */
export function radius(value) {
  if (value === "full") return "9999px";
  return value in RADII ? `calc(var(--ck-radius) * ${RADII[value]})` : length(value);
}

/** @param {any} value @returns {any[]} what holds at the top, end, bottom and start */
function sides(value) {
  if (value === null || typeof value !== "object") return [value, value, value, value];
  const { x, y, top = y, right = x, bottom = y, left = x } = value;
  return [top, right, bottom, left];
}

/** @param {any} value of `padding` or `margin` @returns {(string | undefined)[]} */
function roomAround(value) {
  if (typeof value !== "string") return sides(value).map(room);
  const [top, end = top, bottom = top, start = end] = value.trim().split(/\s+(?![^(]*\))/);
  return [top, end, bottom, start];
}

/** Padding is kept in variables, so that a child can reach over it. @param {any} value @returns {Styles} */
export function padding(value) {
  const [top, end, bottom, start] = roomAround(value);
  return { "--pt": top, "--pe": end, "--pb": bottom, "--ps": start };
}

/** @param {any} value @returns {Styles} */
function margin(value) {
  const [top, end, bottom, start] = roomAround(value);
  return { "margin-block-start": top, "margin-inline-end": end, "margin-block-end": bottom, "margin-inline-start": start };
}

/** @param {any} value a width, a line, or one for each side @returns {Styles} */
function border(value) {
  const [top, end, bottom, start] = sides(value?.size === undefined ? value : { x: value, y: value }).map((line) => {
    if (typeof line === "number") return `${line}px solid var(--border)`;
    return line && `${length(line.size)} ${line.style ?? "solid"} ${color(line.color ?? "default", LINES)}`;
  });
  return { "border-block-start": top, "border-inline-end": end, "border-block-end": bottom, "border-inline-start": start };
}

/** How large a component is, and where it stands in its container. @param {Component} component @returns {Styles} */
export function sizes({ flex, size, minSize, maxSize, aspectRatio, margin: outside, ...it }) {
  return {
    flex: flex === undefined ? undefined : String(flex),
    width: length(it.width ?? size),
    height: length(it.height ?? size),
    "min-width": length(it.minWidth ?? minSize),
    "min-height": length(it.minHeight ?? minSize),
    "max-width": length(it.maxWidth ?? maxSize),
    "max-height": length(it.maxHeight ?? maxSize),
    "aspect-ratio": aspectRatio === undefined ? undefined : String(aspectRatio),
    ...margin(outside),
  };
}

/** How children share a container. @param {Component} component @returns {Styles} */
export function arrangement({ align, justify, wrap, gap, direction }) {
  return {
    "flex-direction": direction && (direction === "row" ? "row" : "column"),
    "align-items": text(align),
    "justify-content": ALIGN[justify] ?? text(justify),
    "flex-wrap": text(wrap),
    gap: room(gap),
  };
}

/** @param {Component} component with the fields of a box @returns {Styles} */
export function box(component) {
  return {
    ...sizes(component),
    ...arrangement(component),
    ...padding(component.padding),
    ...border(component.border),
    "border-radius": radius(component.radius),
    background: color(component.background, SURFACES),
    "color-scheme": text(component.theme),
  };
}

/** How text looks. @param {Component} component @returns {Styles} */
export function textStyles({ type, ...it }) {
  const share = (TEXT_SIZES[type] ?? TEXT_SIZES.Text)[it.size];
  return {
    color: color(it.color, TEXT_COLORS),
    "font-size": share ? `calc(var(--ck-size) * ${share})` : undefined,
    "font-weight": WEIGHTS[it.weight],
    "font-style": it.italic && "italic",
    "text-decoration": it.lineThrough && "line-through",
    "text-align": text(it.textAlign),
    width: length(it.width),
    "min-height": it.minLines && `${Number(it.minLines)}lh`,
    "--lines": it.maxLines && String(it.maxLines),
  };
}
