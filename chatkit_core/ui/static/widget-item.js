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
import { isComponent, layoutViews, showerIn, withTransitions } from "./widgets/layout.js";

const VIEWS = { ...contentViews, ...controlViews, ...layoutViews, Chart: chartView };

/** @param {Room} room @returns {View} */
export function widgetView(room) {
  const body = el("div", { className: "w-root" });
  const failure = el("p", { className: "w-failure", role: "alert", hidden: true });
  const copy = el("button", { type: "button", className: "w-copy quiet icon" });
  const actions = new Actions(room, body, (error) => {
    failure.hidden = !error;
    failure.textContent = error?.code === "custom" ? error.message : strings.failed;
  });
  /** @type {((widget: unknown) => void) | undefined} */
  let showTree;
  const dressCopy = (isCopied = false) => {
    copy.title = copy.ariaLabel = isCopied ? strings.copied : strings.copy;
    render(icon(isCopied ? "check" : "copy"), copy);
  };
  copy.addEventListener("click", async () => {
    const { copy: copyText } = await import("./finish.js");
    await copyText(actions.item.copy_text, dressCopy);
  });
  dressCopy();
  return {
    element: el("div", {}, el("div", { className: "widget" }, body, copy), failure),
    show(item) {
      const { widget } = (actions.item = item);
      copy.hidden = !item.copy_text;
      try {
        if (!isComponent(widget) || !(Object.hasOwn(VIEWS, widget.type) || widget.children)) throw new TypeError("unknown");
        if (!showTree) body.replaceChildren();
        const show = (showTree ??= showerIn(body, { views: VIEWS, actions, scope: newScope() }));
        withTransitions(body, () => show(widget));
      } catch {
        showTree = undefined;
        body.replaceChildren(el("p", { className: "w-unshown", textContent: strings.unknownItem }));
      }
    },
  };
}
