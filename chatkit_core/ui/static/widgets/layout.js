/**
 * Components that arrange others, those that take or part room, and what a widget starts with.
 *
 * @import { MakeView } from "./tree.js"
 */

import { el } from "../conversation.js";
import { icon } from "../icons.js";
import { strings } from "../strings.js";
import { html, nothing, render } from "../vendor/lit-html/lit-html.js";
import { idOf, newScope } from "./actions.js";
import { imageUrl } from "./content.js";
import { dressButton } from "./controls.js";
import { arrangement, box, color, length, LINES, mark, padding, room, setStyles, SURFACES, text } from "./style.js";
import { Children } from "./tree.js";

/** @type {MakeView} */
export function boxView(place, { type }) {
  const element = el("div", { className: type === "Row" ? "w-box w-row" : "w-box" });
  const children = new Children(element, place);
  return {
    element,
    show(component) {
      setStyles(element, box(component));
      mark(element, { direction: component.direction });
      children.show(component.children);
    },
  };
}

/** @type {MakeView} */
export function formView(place, component) {
  const element = el("form", { className: "w-box" });
  const scope = newScope(element);
  const children = new Children(element, { ...place, scope });
  let action = component.onSubmitAction;
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopPropagation();
    place.actions.run(action, event.submitter ?? element, scope, "container");
  });
  return {
    element,
    show(component) {
      action = component.onSubmitAction;
      setStyles(element, box(component));
      mark(element, { direction: component.direction });
      children.show(component.children);
    },
  };
}

/** A row; if it can be clicked, by a button that lies under all of it, so that it may hold others. @type {MakeView} */
export function listItemView(place, component) {
  const body = el("div", { className: "w-box w-row", id: idOf(newScope(), "row") });
  const button = el("button", { type: "button", className: "w-hit", hidden: true });
  button.setAttribute("aria-labelledby", body.id);
  const element = el(place.list ? "li" : "div", { className: "w-item" }, button, body);
  const children = new Children(body, { ...place, list: false });
  let action = component.onClickAction;
  button.addEventListener("click", () => place.actions.run(action, element, place.scope, "self"));
  return {
    element,
    show(component) {
      action = component.onClickAction;
      button.hidden = !action;
      setStyles(body, arrangement(component));
      children.show(component.children);
    },
  };
}

/** @type {MakeView} */
export function transitionView(place) {
  const element = el("div", { className: "w-transition" });
  const children = new Children(element, place);
  return { element, show: (component) => children.show(component.children) };
}

const MOVE = { duration: 220, easing: "ease" };

/** Redraw a widget; what is in a `Transition` then moves to where it belongs. @param {HTMLElement} widget @param {() => void} redraw */
export function withTransitions(widget, redraw) {
  const before = [...widget.querySelectorAll(".w-transition")].map((element) => ({ element, at: placeIn(widget, element) }));
  redraw();
  if (!before.length || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const { element, at } of before) {
    const now = placeIn(widget, element);
    const [x, y] = [at.x - now.x, at.y - now.y];
    if (element.isConnected && (x || y)) element.animate({ translate: [`${x}px ${y}px`, "0 0"] }, MOVE);
  }
}

/** @param {Element} widget @param {Element} element */
function placeIn(widget, element) {
  const [outer, inner] = [widget.getBoundingClientRect(), element.getBoundingClientRect()];
  return { x: inner.x - outer.x, y: inner.y - outer.y };
}

/** @type {MakeView} */
export function spacerView() {
  const element = el("div", { className: "w-spacer" });
  return { element, show: ({ minSize }) => setStyles(element, { "flex-basis": length(minSize) }) };
}

/** @type {MakeView} */
export function dividerView() {
  const element = el("hr", { className: "w-divider" });
  return {
    element,
    show(component) {
      mark(element, { flush: component.flush });
      setStyles(element, {
        "--line": color(component.color, LINES),
        "--thick": length(component.size),
        "--room": room(component.spacing),
      });
    },
  };
}

// What a widget starts with

/** Rows that a list shows at first if it is to find out itself. */
const AUTO_LIMIT = 6;

/** @type {MakeView} */
export function cardView(place, component) {
  const frame = el(component.asForm ? "form" : "div", { className: "w-frame" });
  const scope = frame instanceof HTMLFormElement ? newScope(frame) : place.scope;
  const body = el("div", { className: "w-card-body" });
  const children = new Children(body, { ...place, scope });
  const cancel = el("button", { type: "button" });
  const confirm = el("button", { type: component.asForm ? "submit" : "button" });
  const foot = el("div", { className: "w-card-foot" }, cancel, confirm);
  const fold = el("button", { type: "button", className: "w-fold", hidden: true });
  const status = el("div", { className: "w-status" });
  const element = el("div", { className: "w-card" }, status, frame);
  frame.append(fold, body, foot);
  let card = component;

  const setFolded = (/** @type {boolean} */ folded) => {
    body.hidden = folded;
    foot.hidden = folded || !(card.confirm || card.cancel);
    fold.hidden = false;
    fold.ariaExpanded = String(!folded);
    render(html`${icon("check-circle")}<span>${folded ? strings.showMore : strings.showLess}</span>${icon("chevron")}`, fold);
  };
  const main = async (/** @type {HTMLElement} */ control) => {
    const hadFocus = frame.matches(":focus-within");
    const done = await place.actions.run(card.confirm?.action, control, scope, "container");
    if (!done || !card.collapsed) return;
    setFolded(true);
    if (hadFocus) fold.focus({ preventScroll: true });
  };
  fold.addEventListener("click", () => setFolded(!body.hidden));
  cancel.addEventListener("click", () => place.actions.run(card.cancel?.action, cancel, scope, "container"));
  if (!card.asForm) confirm.addEventListener("click", () => main(confirm));
  frame.addEventListener("submit", (event) => {
    event.preventDefault();
    main(/** @type {SubmitEvent} */ (event).submitter ?? frame);
  });

  return {
    element,
    show(component) {
      card = component;
      mark(element, { size: card.size });
      setStyles(frame, { ...padding(card.padding), background: color(card.background, SURFACES), "color-scheme": text(card.theme) });
      showStatus(status, card.status);
      children.show(card.children);
      foot.hidden = body.hidden || !(card.confirm || card.cancel);
      for (const [button, said, style] of /** @type {const} */ ([[cancel, card.cancel, "secondary"], [confirm, card.confirm, "primary"]])) {
        button.hidden = !said?.label;
        dressButton(button, { type: "Button", label: said?.label, style });
      }
    },
  };
}

/** @type {MakeView} */
export function listView(place) {
  const list = el("ul", { className: "w-frame w-list" });
  const more = el("button", { type: "button", className: "w-more" });
  const status = el("div", { className: "w-status" });
  const element = el("div", { className: "w-card" }, status, list, more);
  const children = new Children(list, { ...place, list: true });
  let all = false;
  let limit = Infinity;
  const cut = () => [...list.children].forEach((row, at) => (/** @type {HTMLElement} */ (row).hidden = !all && at >= limit));
  more.addEventListener("click", () => {
    all = true;
    cut();
    more.hidden = true;
    const next = /** @type {HTMLElement | undefined} */ (list.children[limit]);
    next?.querySelector("button")?.focus();
  });
  return {
    element,
    show(component) {
      setStyles(list, { "color-scheme": text(component.theme) });
      showStatus(status, component.status);
      children.show(component.children);
      limit = component.limit === "auto" ? AUTO_LIMIT : Number(component.limit) || Infinity;
      more.hidden = all || list.children.length <= limit;
      more.textContent = strings.showMore;
      cut();
    },
  };
}

/** @type {MakeView} */
export function basicView(place) {
  const element = el("div", { className: "w-box w-basic" });
  const children = new Children(element, place);
  return {
    element,
    show(component) {
      setStyles(element, { ...box(component), "color-scheme": text(component.theme) });
      mark(element, { direction: component.direction });
      children.show(component.children);
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
