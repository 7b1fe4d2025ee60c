/**
 * The field that a message is written in: plain text with tags in it, each deleted as a whole.
 *
 * @import { Composer } from "./composer.js"
 * @typedef {{ type: "input_text", text: string }} TextPart
 * @typedef {{ type: "input_tag", id: string, text: string, data: object, group?: string, interactive: boolean }} TagPart
 * @typedef {TextPart | TagPart} Part
 */

import { el } from "./conversation.js";

/** Here Enter makes a new line: its key is all that a keyboard on the screen has for that. */
const touch = matchMedia("(hover: none) and (pointer: coarse)");

export class Editor {
  /** @param {Composer} composer */
  constructor(composer) {
    this.composer = composer;
    this.element = el("div", {
      className: "editor is-empty",
      role: "textbox",
      ariaMultiLine: "true",
      tabIndex: 0,
      oninput: () => this.#changed(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
      onpaste: (/** @type {ClipboardEvent} */ event) => this.#onPaste(event),
      onblur: () => composer.mentions?.close(),
      onkeyup: () => composer.lookForMention(),
      onclick: () => composer.lookForMention(),
    });
    try {
      this.element.contentEditable = "plaintext-only";
    } catch {
      this.element.contentEditable = "true";
      this.element.addEventListener("beforeinput", (event) => this.#keepPlain(event));
    }
  }

  #changed() {
    this.element.classList.toggle("is-empty", !this.element.querySelector("[data-tag]") && /^\n?$/.test(this.element.textContent ?? ""));
    this.composer.error = "";
    this.composer.changed();
    this.composer.lookForMention();
  }

  /** @param {string} text that stands in the editor while it is empty */
  label(text) {
    this.element.dataset.placeholder = text;
    this.element.ariaLabel = text;
  }

  // What is written

  /** @returns {Part[]} */
  get parts() {
    /** @type {Part[]} */
    const parts = [];
    const write = (/** @type {string} */ text) => {
      const last = parts.at(-1);
      if (last?.type === "input_text") last.text += text;
      else if (text) parts.push({ type: "input_text", text });
    };
    const read = (/** @type {Node} */ node) => {
      for (const child of node.childNodes) {
        if (child instanceof Text) write(child.data.replaceAll("\u00a0", " "));
        if (!(child instanceof HTMLElement)) continue;
        if (child.dataset.tag) parts.push(JSON.parse(child.dataset.tag));
        else if (child.tagName === "BR") write(child.nextSibling ? "\n" : ""); // the last one only holds its line open
        else {
          if (parts.length) write("\n"); // a block: without plaintext-only, Enter makes one for each line
          read(child);
        }
      }
    };
    read(this.element);
    return parts;
  }

  set parts(parts) {
    const known = parts.filter((part) => typeof part?.text === "string");
    this.element.replaceChildren(...known.map((part) => (part.type === "input_tag" ? tagOf(part) : part.text)));
    this.#changed();
  }

  /** The same without the white space around it. @returns {Part[]} */
  get trimmed() {
    const parts = this.parts;
    const [first, last] = [parts[0], parts.at(-1)];
    if (first?.type === "input_text") first.text = first.text.trimStart();
    if (last?.type === "input_text") last.text = last.text.trimEnd();
    return parts.filter(({ text }) => text);
  }

  get isEmpty() {
    return !this.trimmed.length;
  }

  // The caret

  focus() {
    const range = this.#range();
    this.element.focus();
    if (!range) getSelection()?.collapse(this.element, this.element.childNodes.length);
  }

  /** Write where the caret is, apart from the word before it. @param {string} text */
  insert(text) {
    this.focus();
    this.#put(this.#range(), new Text(/\S$/.test(this.before) ? ` ${text}` : text));
  }

  /** The text that ends at the caret, as far as no tag is in it. */
  get before() {
    const range = this.#range();
    return range?.collapsed && range.startContainer instanceof Text ? range.startContainer.data.slice(0, range.startOffset) : "";
  }

  /** Put a tag in the place of the characters before the caret. @param {number} count @param {TagPart} part */
  replaceBefore(count, part) {
    this.#put(this.#range(count), tagOf(part), new Text(" "));
  }

  /** @param {Range | undefined} range that is replaced @param {...(Text | HTMLElement)} nodes */
  #put(range, ...nodes) {
    if (!range) return;
    range.deleteContents();
    for (const node of nodes.reverse()) range.insertNode(node);
    range.collapse();
    getSelection()?.collapse(range.endContainer, range.endOffset);
    this.element.normalize();
    this.#changed();
  }

  /** Where the characters before the caret stand. @param {number} count */
  rectBefore(count) {
    return this.#range(count)?.getBoundingClientRect();
  }

  /** What is selected, and characters before it. @param {number} [count] */
  #range(count = 0) {
    const range = selectedIn(this.element, this.composer.root);
    if (!range || range.startOffset < count) return undefined;
    range.setStart(range.startContainer, range.startOffset - count);
    return range;
  }

  // Keys, and what is pasted

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    // While text is composed, Enter picks a word; in Safari its event comes after the composition, with this code.
    if (event.isComposing || event.keyCode === 229 || this.composer.mentions?.onKey(event)) return;
    const isLine = event.shiftKey || (touch.matches && !event.ctrlKey && !event.metaKey);
    if (event.key !== "Enter" || isLine) return;
    event.preventDefault();
    this.composer.send();
  }

  /** Text that is copied from an office program comes with its picture: then the text is meant. @param {ClipboardEvent} event */
  #onPaste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.clipboardData?.types.includes("text/plain")) return;
    event.preventDefault();
    if (this.composer.takesFiles) this.composer.attach(files);
  }

  /** @param {InputEvent} event */
  #keepPlain(event) {
    if (!event.dataTransfer && !event.inputType.startsWith("format")) return;
    event.preventDefault();
    if (event.dataTransfer) this.#put(this.#range(), new Text(event.dataTransfer.getData("text/plain")));
  }
}

/** @param {TagPart} part */
function tagOf(part) {
  const tag = el("span", { className: "tag", contentEditable: "false", textContent: part.text });
  tag.dataset.tag = JSON.stringify(part);
  return tag;
}

/**
 * What is selected from a place in an element on, as far as it is in there; browsers differ in how they tell of a shadow tree's.
 * @param {Node} element @param {ShadowRoot} root that the element is in
 */
export function selectedIn(element, root) {
  const selection = /** @type {any} */ (root).getSelection?.() ?? getSelection();
  const found = selection?.getComposedRanges?.({ shadowRoots: [root] })[0] ?? (selection?.rangeCount ? selection.getRangeAt(0) : undefined);
  if (!element.contains(found?.startContainer)) return undefined;
  const range = new Range();
  range.selectNodeContents(element);
  range.setStart(found.startContainer, found.startOffset);
  if (element.contains(found.endContainer)) range.setEnd(found.endContainer, found.endOffset);
  return range;
}
