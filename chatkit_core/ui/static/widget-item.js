/**
 * Shows an item that is a widget. One that cannot be shown says so, and disturbs nothing else.
 *
 * @import { Room, View } from "./conversation.js"
 * @import { MakeView } from "./widgets/tree.js"
 */

import { el } from "./conversation.js";
import { icon } from "./icons.js";
import { strings } from "./strings.js";
import { render } from "./vendor/lit-html/lit-html.js";
import { Actions, newScope } from "./widgets/actions.js";
import { chartView } from "./widgets/chart.js";
import * as content from "./widgets/content.js";
import * as controls from "./widgets/controls.js";
import { inputView, textareaView } from "./widgets/fields.js";
import * as layout from "./widgets/layout.js";
import { Children, isComponent } from "./widgets/tree.js";

/** What shows each component. @type {Record<string, MakeView>} */
const VIEWS = {
  Badge: content.badgeView,
  Basic: layout.basicView,
  Box: layout.boxView,
  Button: controls.buttonView,
  Caption: content.textView,
  Card: layout.cardView,
  Chart: chartView,
  Checkbox: controls.checkboxView,
  Col: layout.boxView,
  DatePicker: controls.dateView,
  Divider: layout.dividerView,
  Form: layout.formView,
  Icon: content.iconView,
  Image: content.imageView,
  Input: inputView,
  Label: content.labelView,
  ListView: layout.listView,
  ListViewItem: layout.listItemView,
  Markdown: content.markdownView,
  RadioGroup: controls.radioView,
  Row: layout.boxView,
  Select: controls.selectView,
  Spacer: layout.spacerView,
  Text: content.textView,
  Textarea: textareaView,
  Title: content.textView,
  Transition: layout.transitionView,
};

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
        layout.withTransitions(body, () => growing.show(item.widget));
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
  const { copy } = await import("./finish.js");
  await copy(text, (copied) => dressCopy(button, copied));
}

/** @param {HTMLButtonElement} button @param {boolean} copied */
function dressCopy(button, copied) {
  button.title = button.ariaLabel = copied ? strings.copied : strings.copy;
  render(icon(copied ? "check" : "copy"), button);
}
