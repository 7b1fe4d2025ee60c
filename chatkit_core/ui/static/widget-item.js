/**
 * Shows an item that is a widget. One that cannot be shown says so, and disturbs nothing else.
 *
 * @import { Room, View } from "./conversation.js"
 */

import { el } from "./conversation.js";
import { icon } from "./icons.js";
import { strings } from "./strings.js";
import { render } from "./vendor/lit-html/lit-html.js";
import { Actions, newScope } from "./widgets/actions.js";
import { chartView } from "./widgets/chart.js";
import { contentViews } from "./widgets/content.js";
import { controlViews } from "./widgets/controls.js";
import { Children, isComponent, layoutViews, withTransitions } from "./widgets/layout.js";

const VIEWS = { ...contentViews, ...controlViews, ...layoutViews, Chart: chartView };
const COPIED_FOR = 1500;

/** @param {Room} room @returns {View} */
export function widgetView(room) {
  const body = el("div", { className: "w-root" });
  const failure = el("p", { className: "w-failure", role: "alert", hidden: true, textContent: strings.failed });
  const copy = el("button", { type: "button", className: "w-copy quiet icon" });
  const element = el("div", {}, el("div", { className: "widget" }, body, copy), failure);
  const actions = new Actions(room, body, (failed) => (failure.hidden = !failed));
  /** @type {Children | undefined} */
  let tree;
  copy.addEventListener("click", () => copyText(copy, actions.item.copy_text));
  dressCopy(copy, false);
  return {
    element,
    show(item) {
      actions.item = item;
      copy.hidden = !item.copy_text;
      try {
        if (!canShow(item.widget)) throw new TypeError("unknown");
        if (!tree) body.replaceChildren();
        const growing = (tree ??= new Children(body, { views: VIEWS, actions, scope: newScope() }));
        withTransitions(body, () => growing.show(item.widget));
      } catch {
        tree = undefined;
        body.replaceChildren(el("p", { className: "w-unshown", textContent: strings.unknownItem }));
      }
    },
  };
}

/** @param {unknown} widget */
function canShow(widget) {
  return isComponent(widget) && (Object.hasOwn(VIEWS, widget.type) || widget.children);
}

/** @param {HTMLButtonElement} button @param {string} text */
async function copyText(button, text) {
  const { copy } = await import("./code.js");
  await copy(text);
  dressCopy(button, true);
  setTimeout(() => dressCopy(button, false), COPIED_FOR);
}

/** @param {HTMLButtonElement} button @param {boolean} copied */
function dressCopy(button, copied) {
  button.title = button.ariaLabel = copied ? strings.copied : strings.copy;
  render(icon(copied ? "check" : "copy"), button);
}
