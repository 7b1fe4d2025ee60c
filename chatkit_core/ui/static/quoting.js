/**
 * Quotes a reply: a button beside what is selected in an assistant's message puts it into the composer.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 */

import { el } from "./conversation.js";
import { selectedIn } from "./editor.js";
import { place } from "./menu.js";
import { strings } from "./strings.js";

/** Milliseconds that a selection stands still before the button is shown. */
const REST = 200;

/** @param {ChatKitChat} host */
export function quoting(host) {
  const { conversation, chat } = host;
  const root = host.shadowRoot;
  if (!conversation || !chat || !root) return;
  const button = el("button", { type: "button", className: "quote", popover: "manual", textContent: strings.quote });
  conversation.element.after(button);
  let selected = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let resting;

  const look = () => {
    if (conversation.element.matches(":active")) return lookSoon(); // the pointer still selects
    const range = rangeIn(root);
    const mayWrite = (chat.thread?.status?.type ?? "active") === "active";
    selected = range && mayWrite ? textOf(range) : "";
    button.togglePopover(selected !== "");
    if (range && selected) place(button, [...range.getClientRects()].at(-1) ?? range.getBoundingClientRect());
  };
  const lookSoon = () => {
    clearTimeout(resting);
    resting = setTimeout(look, REST);
  };
  const quote = async () => {
    button.togglePopover(false);
    document.getSelection()?.removeAllRanges();
    await host.setComposerValue({ reply: selected });
    await host.focusComposer();
  };

  button.addEventListener("pointerdown", (event) => event.preventDefault()); // it would end the selection
  button.addEventListener("click", quote);
  root.addEventListener("keydown", (event) => {
    if (/** @type {KeyboardEvent} */ (event).key !== "Escape") return;
    if (root.activeElement === button) conversation.element.focus({ preventScroll: true });
    button.togglePopover(false);
  });
  document.addEventListener("selectionchange", lookSoon);
  conversation.element.addEventListener("scroll", () => selected && lookSoon(), { passive: true });
}

/** What is selected in a reply, if anything. @param {ShadowRoot} root */
function rangeIn(root) {
  const found = selectedIn(root);
  if (!found || found.collapsed) return undefined;
  const range = document.createRange();
  range.setStart(found.startContainer, found.startOffset);
  const body = range.startContainer.parentElement?.closest(".assistant > .body");
  if (!body) return undefined;
  // A triple click on the last paragraph selects up to what comes after the body.
  if (body.contains(found.endContainer)) range.setEnd(found.endContainer, found.endOffset);
  else range.setEnd(body, body.childNodes.length);
  return range;
}

/** The text of a range, without what only the page shows. @param {Range} range */
function textOf(range) {
  const copy = range.cloneContents();
  for (const element of copy.querySelectorAll(".source, .code-head, .katex-mathml")) element.remove();
  for (const block of copy.querySelectorAll("p, li, pre, tr, h1, h2, h3, h4, h5, h6")) block.append("\n");
  return copy.textContent?.trim() ?? "";
}
