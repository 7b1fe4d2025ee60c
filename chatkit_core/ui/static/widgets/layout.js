/**
 * Components that arrange others, those that take or part room, and what a widget starts with.
 *
 * They make a tree of views that follows a tree of components. A component that is the same object as before is not drawn
 * again; one that changed keeps its element, and so its focus and what was typed, as long as its key (or id, or name, or
 * place among its like) stays.
 *
 * @import { Actions, Scope } from "./actions.js"
 * @typedef {{ type: string, id?: string, key?: string, children?: Component | Component[], [field: string]: any }} Component
 * @typedef {{ element: HTMLElement, show: (component: Component) => void }} View
 * @typedef {{ component: Component }} Self what a view shows, always the latest
 * @typedef {(place: Place, self: Self) => View} MakeView
 * @typedef {{ views: Record<string, MakeView>, actions: Actions, scope: Scope, list?: boolean }} Place where a component
 *   stands; `list`: as a row of a list
 */

import { el } from "../conversation.js";
import { icon } from "../icons.js";
import { strings } from "../strings.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { idOf, newScope } from "./actions.js";
import { dressButton, imageUrl } from "./content.js";
import { arrangement, box, color, length, LINES, mark, padding, room, setStyles, SURFACES, text } from "./style.js";

/** Rows that a list shows at first if it is to find out itself. */
const AUTO_LIMIT = 6;
const MOVE = { duration: 220, easing: "ease" };

/**
 * Return what shows components in an element that holds nothing else: one or several; what is none is left out.
 * @param {HTMLElement} parent @param {Place} place @returns {(children: unknown) => void}
 */
export function showerIn(parent, place) {
  /** @type {Map<string, { self: Self, view: View }>} */
  let entries = new Map();
  return (children) => {
    const before = entries;
    entries = new Map();
    for (const component of [children].flat().filter(isComponent)) {
      const key = freeKey(component, entries);
      const known = before.get(key);
      const entry = known ?? entryFor(component, place);
      const isSame = known?.self.component === component;
      entry.self.component = component;
      if (!isSame) entry.view.show(component);
      entries.set(key, entry);
    }
    for (const [key, { view }] of before) if (!entries.has(key)) view.element.remove();
    let next = parent.firstElementChild;
    for (const { view } of entries.values()) {
      if (view.element === next) next = next.nextElementSibling;
      else parent.insertBefore(view.element, next);
    }
  };
}

/** @param {Component} component @param {Map<string, unknown>} taken @returns {string} */
function freeKey({ type, key, id, name, asForm, editable }, taken) {
  const own = [type, Boolean(asForm ?? editable), key ?? id ?? name ?? ""].join(" ");
  for (let count = 0; ; count++) if (!taken.has(`${own} ${count}`)) return `${own} ${count}`;
}

/** @param {Component} component @param {Place} place */
function entryFor(component, place) {
  const self = { component };
  const make = Object.hasOwn(place.views, component.type) ? place.views[component.type] : boxView;
  return { self, view: make(place, self) };
}

/** @param {any} value @returns {value is Component} */
export function isComponent(value) {
  return typeof value === "object" && typeof value?.type === "string";
}

/** @type {Record<string, MakeView>} */
export const layoutViews = {
  Basic: boxView,
  Box: boxView,
  Card: cardView,
  Col: boxView,

  Divider() {
    const element = el("hr", { className: "w-divider" });
    return {
      element,
      show({ flush, color: line, size, spacing }) {
        mark(element, { flush });
        setStyles(element, { "--line": color(line, LINES), "--thick": length(size), "--room": room(spacing) });
      },
    };
  },

  Form(place, self) {
    const element = el("form", { className: "w-box" });
    const scope = newScope(element);
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      place.actions.run(self.component.onSubmitAction, event.submitter ?? element, scope, "container");
    });
    return flowView(element, { ...place, scope });
  },

  ListView: listView,

  /** A row; if it can be clicked, by a button that lies under all of it, so that it may hold others. */
  ListViewItem(place, self) {
    const body = el("div", { className: "w-box w-row", id: idOf(newScope(), "row") });
    const button = el("button", { type: "button", className: "w-hit" });
    button.setAttribute("aria-labelledby", body.id);
    const element = el(place.list ? "li" : "div", { className: "w-item" }, button, body);
    const showChildren = showerIn(body, { ...place, list: false });
    button.addEventListener("click", () => place.actions.run(self.component.onClickAction, element, place.scope, "self"));
    return {
      element,
      show(component) {
        button.hidden = !component.onClickAction;
        setStyles(body, arrangement(component));
        showChildren(component.children);
      },
    };
  },

  Row: boxView,

  Spacer() {
    const element = el("div", { className: "w-spacer" });
    return { element, show: ({ minSize }) => setStyles(element, { "flex-basis": length(minSize) }) };
  },

  Transition: boxView,
};

/** @type {Record<string, string>} */
const CLASSES = { Basic: "w-box w-basic", Box: "w-box", Col: "w-box", Row: "w-box w-row", Transition: "w-transition" };

/** A box of some kind; of a component that is not known, the children are shown. @type {MakeView} */
function boxView(place, { component: { type } }) {
  return flowView(el("div", { className: Object.hasOwn(CLASSES, type) ? CLASSES[type] : "w-unknown" }), place);
}

/** @param {HTMLElement} element @param {Place} place @returns {View} */
function flowView(element, place) {
  const showChildren = showerIn(element, place);
  return {
    element,
    show(component) {
      setStyles(element, box(component));
      mark(element, { direction: component.direction });
      showChildren(component.children);
    },
  };
}

/** @type {MakeView} */
function cardView(place, self) {
  const { asForm } = self.component;
  const frame = el(asForm ? "form" : "div", { className: "w-frame" });
  const scope = frame instanceof HTMLFormElement ? newScope(frame) : place.scope;
  const body = el("div", { className: "w-card-body" });
  const showChildren = showerIn(body, { ...place, scope });
  const cancel = el("button", { type: "button" });
  const confirm = el("button", { type: asForm ? "submit" : "button" });
  const foot = el("div", { className: "w-card-foot" }, cancel, confirm);
  const fold = el("button", { type: "button", className: "w-fold", hidden: true });
  const status = el("div", { className: "w-status" });
  frame.append(fold, body, foot);

  const setFolded = (/** @type {boolean} */ folded) => {
    body.hidden = foot.hidden = folded;
    fold.hidden = false;
    fold.ariaExpanded = String(!folded);
    render(html`${icon("check-circle")}<span>${folded ? strings.showMore : strings.showLess}</span>${icon("chevron")}`, fold);
  };
  const main = async (/** @type {HTMLElement} */ control) => {
    const hadFocus = frame.matches(":focus-within");
    const done = await place.actions.run(self.component.confirm?.action, control, scope, "container");
    if (!done || !self.component.collapsed) return;
    setFolded(true);
    if (hadFocus) fold.focus({ preventScroll: true });
  };
  fold.addEventListener("click", () => setFolded(!body.hidden));
  cancel.addEventListener("click", () => place.actions.run(self.component.cancel?.action, cancel, scope, "container"));
  if (!asForm) confirm.addEventListener("click", () => main(confirm));
  frame.addEventListener("submit", (event) => {
    event.preventDefault();
    main(/** @type {SubmitEvent} */ (event).submitter ?? frame);
  });

  return {
    element: el("div", { className: "w-card" }, status, frame),
    show(component) {
      mark(this.element, { size: component.size });
      setStyles(frame, { ...padding(component.padding), background: color(component.background, SURFACES), "color-scheme": component.theme });
      showStatus(status, component.status);
      showChildren(component.children);
      showFootButton(cancel, component.cancel, "secondary");
      showFootButton(confirm, component.confirm, "primary");
    },
  };
}

/** @param {HTMLButtonElement} button @param {any} said @param {string} style */
function showFootButton(button, said, style) {
  button.hidden = !said?.label;
  dressButton(button, { type: "Button", label: said?.label, style });
}

/** @type {MakeView} */
function listView(place) {
  const list = el("ul", { className: "w-frame w-list" });
  const more = el("button", { type: "button", className: "w-more", textContent: strings.showMore });
  const status = el("div", { className: "w-status" });
  const showChildren = showerIn(list, { ...place, list: true });
  let limit = Infinity;
  let all = false;
  const cut = () => {
    for (const [at, row] of [...list.children].entries()) /** @type {HTMLElement} */ (row).hidden = !all && at >= limit;
    more.hidden = all || list.children.length <= limit;
  };
  more.addEventListener("click", () => {
    all = true;
    cut();
    list.children[limit].querySelector("button")?.focus();
  });
  return {
    element: el("div", { className: "w-card" }, status, list, more),
    show(component) {
      setStyles(list, { "color-scheme": component.theme });
      showStatus(status, component.status);
      showChildren(component.children);
      limit = component.limit === "auto" ? AUTO_LIMIT : Number(component.limit) || Infinity;
      cut();
    },
  };
}

/** @param {HTMLElement} element @param {any} status */
function showStatus(element, status) {
  element.hidden = !status?.text;
  const favicon = imageUrl(status?.favicon);
  const sign = favicon
    ? html`<img class=${status.frame ? "w-framed" : ""} src=${favicon} alt="">`
    : status?.icon ? icon(text(status.icon)) : nothing;
  render(html`${sign}<span>${text(status?.text)}</span>`, element);
}

/** Redraw a widget; what is in a `Transition` then moves to where it belongs. @param {HTMLElement} widget @param {() => void} redraw */
export function withTransitions(widget, redraw) {
  const moving = [...widget.querySelectorAll(".w-transition")];
  if (!moving.length) return redraw();
  const places = () => {
    const outer = widget.getBoundingClientRect();
    return moving.map((element) => element.getBoundingClientRect()).map(({ x, y }) => ({ x: x - outer.x, y: y - outer.y }));
  };
  const before = places();
  redraw();
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const [at, now] of places().entries()) {
    const [x, y] = [before[at].x - now.x, before[at].y - now.y];
    if (x || y) moving[at].animate({ translate: [`${x}px ${y}px`, "0 0"] }, MOVE);
  }
}
