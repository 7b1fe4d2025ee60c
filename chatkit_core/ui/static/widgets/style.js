/**
 * The vocabulary of sizes, colours and places, as CSS.
 *
 * A number is pixels, but for room (gap, padding, margin, spacing), which counts steps of 4 pixels. A string is CSS. Left and
 * right are those of a page that reads from left to right.
 *
 * @import { Component } from "./layout.js"
 * @typedef {Record<string, unknown>} Styles what is no text or number is left out
 */

const STEP = 4;
/** What would load something, or hides that it does. */
const LOADS = /\\|(url|src|image|image-set|cross-fade|element)\(/i;

/** Pixels where `--ck-radius` is 12. @type {Record<string, number>} */
const RADII = { none: 0, "2xs": 2, xs: 4, sm: 6, md: 8, lg: 10, xl: 12, "2xl": 16, "3xl": 20, "4xl": 24 };
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
/** Pixels where `--ck-size` is 16. @type {Record<string, Record<string, number>>} */
const TEXT_SIZES = {
  Text: { xs: 12, sm: 14, md: 16, lg: 18, xl: 20 },
  Caption: { sm: 12, md: 13, lg: 14 },
  Title: { sm: 16, md: 18, lg: 20, xl: 24, "2xl": 28, "3xl": 32, "4xl": 40, "5xl": 48 },
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
  for (const [name, value] of Object.entries(styles)) if (!LOADS.test(text(value))) element.style.setProperty(name, text(value));
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
  return typeof value === "number" ? `${value * unit}px` : value;
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
  return value in RADII ? `calc(var(--ck-radius) * ${RADII[value]} / 12)` : length(value);
}

/** @param {any} value @returns {any[]} what holds at the top, end, bottom and start */
function sides(value) {
  if (value === null || typeof value !== "object") return [value, value, value, value];
  const { x, y, top = y, right = x, bottom = y, left = x } = value;
  return [top, right, bottom, left];
}

/** @param {string} property @param {any[]} values as of `sides` @returns {Styles} */
function around(property, [top, end, bottom, start]) {
  return { [`${property}-block-start`]: top, [`${property}-inline-end`]: end, [`${property}-block-end`]: bottom, [`${property}-inline-start`]: start };
}

/** @param {string} property @param {any} value @returns {Styles} */
function roomAround(property, value) {
  if (typeof value !== "string") return around(property, sides(value).map(room));
  const [top, end = top, bottom = top, start = end] = value.trim().split(/\s+(?![^(]*\))/);
  return around(property, [top, end, bottom, start]);
}

/** Padding is kept in variables, so that a child can reach over it. @param {any} value @returns {Styles} */
export function padding(value) {
  return roomAround("--padding", value);
}

/** @param {any} value a width, a line, or one for each side @returns {Styles} */
function border(value) {
  const lines = sides(value?.size === undefined ? value : { x: value, y: value }).map((line) => {
    if (typeof line === "number") return `${line}px solid var(--border)`;
    return line && `${length(line.size)} ${line.style ?? "solid"} ${color(line.color ?? "default", LINES)}`;
  });
  return around("border", lines);
}

/** How large a component is, and where it stands in its container. @param {Component} component @returns {Styles} */
export function sizes({ flex, size, minSize, maxSize, aspectRatio, margin: outside, ...it }) {
  return {
    flex,
    width: length(it.width ?? size),
    height: length(it.height ?? size),
    "min-width": length(it.minWidth ?? minSize),
    "min-height": length(it.minHeight ?? minSize),
    "max-width": length(it.maxWidth ?? maxSize),
    "max-height": length(it.maxHeight ?? maxSize),
    "aspect-ratio": aspectRatio,
    ...roomAround("margin", outside),
  };
}

/** How children share a container. @param {Component} component @returns {Styles} */
export function arrangement({ align, justify, wrap, gap, direction }) {
  return {
    "flex-direction": direction === "col" ? "column" : direction,
    "align-items": align,
    "justify-content": ALIGN[justify] ?? justify,
    "flex-wrap": wrap,
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
    "color-scheme": component.theme,
  };
}

/** How text looks. @param {Component} component @returns {Styles} */
export function textStyles({ type, ...it }) {
  const pixels = (TEXT_SIZES[type] ?? TEXT_SIZES.Text)[it.size];
  return {
    color: color(it.color, TEXT_COLORS),
    "font-size": pixels && `calc(var(--ck-size) * ${pixels} / 16)`,
    "font-weight": WEIGHTS[it.weight],
    "font-style": it.italic && "italic",
    "text-decoration": it.lineThrough && "line-through",
    "text-align": it.textAlign,
    width: length(it.width),
    "min-height": it.minLines && `${it.minLines}lh`,
    "--lines": it.maxLines,
  };
}
