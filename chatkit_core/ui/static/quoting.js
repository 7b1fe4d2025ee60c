/**
 * Quotes a reply: a button beside what is selected in an assistant's message puts it into the composer.
 */

import { el } from "./conversation.js";
import { selectedIn } from "./editor.js";
import { place } from "./menus.js";
import { strings } from "./strings.js";

/** Milliseconds that a selection stands still before the button is shown. */
const REST = 200;

/** @param {any} host the chat */
export function quoting(host) {
  const { conversation: { element }, shadowRoot: root } = host;
  const button = el("button", {
    type: "button",
    className: "quote",
    popover: "manual",
    textContent: strings.quote,
    onpointerdown: (/** @type {Event} */ event) => event.preventDefault(), // it would end the selection
    onclick: () => {
      const { composer } = host.view;
      button.togglePopover(false);
      getSelection()?.removeAllRanges();
      composer.setValue({ reply: selected });
      composer.focus();
    },
  });
  element.after(button);
  let selected = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  const look = () => {
    if (!button.isConnected) return;
    if (element.matches(":active")) return lookSoon(); // the pointer still selects
    const range = host.view.composer.shut ? undefined : rangeIn(root);
    selected = range ? textOf(range) : "";
    button.togglePopover(selected !== "");
    if (range && selected) place(button, [...range.getClientRects()].at(-1) ?? range.getBoundingClientRect());
  };
  const lookSoon = () => {
    clearTimeout(resting);
    resting = setTimeout(look, REST);
  };

  root.addEventListener("keydown", (/** @type {KeyboardEvent} */ { key }) => {
    if (key !== "Escape") return;
    if (root.activeElement === button) element.focus({ preventScroll: true });
    button.togglePopover(false);
  });
  host.whileConnected((/** @type {AbortSignal} */ signal) => document.addEventListener("selectionchange", lookSoon, { signal }));
  element.addEventListener("scroll", () => selected && lookSoon(), { passive: true });
}

/** What is selected in a reply, if anything: a triple click on its last paragraph selects up to what comes after it. @param {ShadowRoot} root */
function rangeIn(root) {
  const body = selectedIn(root, root)?.startContainer.parentElement?.closest(".assistant > .body");
  const range = body && selectedIn(body, root);
  return range?.collapsed ? undefined : range;
}

/** The text of a range, without what only the page shows. @param {Range} range */
function textOf(range) {
  const copy = range.cloneContents();
  for (const element of copy.querySelectorAll(".source, .code-head, .katex-mathml")) element.remove();
  for (const block of copy.querySelectorAll("p, li, pre, tr, h1, h2, h3, h4, h5, h6")) block.append("\n");
  return copy.textContent?.trim() ?? "";
}
