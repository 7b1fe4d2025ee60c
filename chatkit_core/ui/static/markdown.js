/**
 * Markdown that grows. A block is final once another begins after it, and is never rendered again; only the last one is,
 * as text comes. What is rendered is sanitized, and becomes nodes without ever being a string in the document.
 *
 * @typedef {{ index?: number, source: any }} Annotation
 * @typedef {{ allowImage?: (url: URL) => boolean, onSource?: (annotation: Annotation) => void }} Options
 */

import { el } from "./conversation.js";

/** The share of the time that rendering may take: after a long one, the next waits. */
const SHARE = 0.2;
/** Stands in the text where an annotation belongs: its number, between control characters, which also end an address. */
const MARK = /\x02(\d+)\x03/;
/** The end of a block of code, on whose line nothing else may stand. */
const FENCE = /^\s*(```+|~~~+)$/;

/** Milliseconds between two looks whether the libraries are there: nothing is shown without. */
const PATIENCE = 10;

/** @type {any} */
export let purify;
/** @type {any} */
let md;
Promise.all([
  unglobal("DOMPurify", "./vendor/dompurify/purify.min.js"),
  unglobal("markdownit", "./vendor/markdown-it/markdown-it.umd.min.js"),
]).then(([sanitizer, MarkdownIt]) => {
  md = parserOf(MarkdownIt);
  purify = sanitizer;
});

/** Import a script that can only set a global, and leave the global as it was. @param {string} name @param {string} url */
export async function unglobal(name, url) {
  const globals = /** @type {any} */ (globalThis);
  const had = Object.getOwnPropertyDescriptor(globals, name);
  await import(url);
  const it = globals[name];
  if (had) Object.defineProperty(globals, name, had);
  else delete globals[name];
  return it;
}

/** @param {any} MarkdownIt */
function parserOf(MarkdownIt) {
  const parser = new MarkdownIt({ html: false, linkify: true });
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  parser.inline.ruler.before("escape", "math", mathInline);
  parser.block.ruler.before("paragraph", "math", mathBlock, { alt: ["paragraph", "reference", "blockquote", "list"] });
  Object.assign(parser.renderer.rules, {
    th_open: openCell,
    td_open: openCell,
    math: (/** @type {any[]} */ tokens, /** @type {number} */ at) =>
      `<span class="math" data-display="${tokens[at].block}">${md.utils.escapeHtml(tokens[at].content)}</span>`,
  });
  return parser;
}

/**
 * Cells are aligned by a class: the page's policy forbids the `style` that markdown-it would write.
 * @param {any[]} tokens @param {number} at @param {any} options @param {any} _ @param {any} renderer
 */
function openCell(tokens, at, options, _, renderer) {
  const align = /text-align:(\w+)/.exec(tokens[at].attrGet("style") ?? "")?.[1];
  tokens[at].attrs = align ? [["class", align]] : null;
  return renderer.renderToken(tokens, at, options);
}

/** What is wider than its place can be focused, so that the arrow keys scroll it. */
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.setAttribute("tabindex", "0");
    else target.removeAttribute("tabindex");
  }
});

export class Markdown {
  /** How much of the text is rendered for good. */
  final = 0;
  /** The nodes of the last block. @type {ChildNode[]} */
  last = [];
  /** What markdown-it keeps from one part of the text to the next. @type {{ references?: object }} */
  env = {};
  /** @type {Annotation[]} */
  annotations = [];
  shown = "";
  done = false;
  wait = 0;

  /** @param {HTMLElement} container @param {Options} [options] */
  constructor(container, options = {}) {
    this.container = container;
    this.options = options;
  }

  #reset() {
    this.container.replaceChildren();
    Object.assign(this, new Markdown(this.container, this.options));
  }

  /**
   * Show a text, or more of it.
   * @param {string} text
   * @param {{ done?: boolean, annotations?: Annotation[] }} [how] `done`: no more comes
   * @returns {number} milliseconds after which it is to be called again, because it has rendered nothing; 0 else
   */
  show(text, { done = true, annotations = [] } = {}) {
    if (!purify) return PATIENCE;
    const now = performance.now();
    if (!done && now < this.wait) return this.wait - now;
    // As markdown-it counts lines.
    const marked = withMarks(text, annotations).replace(/\r\n?/g, "\n");
    if (marked === this.shown && (this.done || !done)) return 0;
    // Links may be defined after they are used, and by half of their address: then all is rendered once more.
    if (this.done || !marked.startsWith(this.shown.slice(0, this.final)) || (done && this.env.references)) this.#reset();
    Object.assign(this, { annotations, shown: marked, done });
    this.#render(marked, done);
    this.wait = now + (performance.now() - now) / SHARE;
    return 0;
  }

  /** @param {string} text @param {boolean} done */
  #render(text, done) {
    const tail = text.slice(this.final);
    const tokens = md.parse(tail, this.env);
    const cut = done ? tokens.length : startOfLastBlock(tokens, UNSETTLED.test(tail.slice(tail.lastIndexOf("\n") + 1)));
    for (const node of this.last) node.remove();
    this.#append(tokens.slice(0, cut), true);
    this.final += done ? tail.length : offsetOfLine(tail, tokens[cut]?.map[0] ?? 0);
    this.last = this.#append(tokens.slice(cut), false);
  }

  /** @param {any[]} tokens @param {boolean} final @returns {ChildNode[]} */
  #append(tokens, final) {
    if (!tokens.length) return [];
    const html = md.renderer.render(tokens, md.options, this.env);
    const fragment = purify.sanitize(html, {
      RETURN_DOM_FRAGMENT: true,
      ALLOWED_ATTR: ["href", "src", "alt", "title", "class", "start", "data-display"],
      FORBID_TAGS: ["style", "form", "input", "button", "textarea", "select"],
    });
    this.#finish(fragment, final);
    const nodes = [...fragment.childNodes];
    this.container.append(fragment);
    return nodes;
  }

  /** @param {DocumentFragment} fragment @param {boolean} final */
  #finish(fragment, final) {
    for (const image of fragment.querySelectorAll("img")) this.#checkImage(image);
    for (const link of fragment.querySelectorAll("a")) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    for (const table of fragment.querySelectorAll("table")) wrap(table, "table");
    if (this.annotations.length) this.#showSources(fragment);
    for (const code of fragment.querySelectorAll("pre > code")) frameCode(/** @type {HTMLElement} */ (code), final);
    if (!final) return;
    for (const wide of fragment.querySelectorAll("pre, .table, .math[data-display=true]")) scrollers.observe(wide);
    const math = fragment.querySelectorAll(".math");
    if (math.length) import("./finish.js").then(({ renderMath }) => math.forEach(renderMath));
  }

  /** An image of a host that is not allowed tells that host who reads: a link stands in its place. @param {HTMLImageElement} image */
  #checkImage(image) {
    const source = image.getAttribute("src") ?? "";
    if (!URL.canParse(source, location.href)) return image.replaceWith(image.alt);
    const url = new URL(source, location.href);
    const allowed = ["data:", "blob:"].includes(url.protocol) || url.origin === location.origin || this.options.allowImage?.(url);
    if (allowed) image.loading = "lazy";
    else image.replaceWith(el("a", { href: url.href, textContent: image.alt || url.href }));
  }

  /** Put a number in the place of each mark; code keeps its text to itself, and has them after it. @param {DocumentFragment} fragment */
  #showSources(fragment) {
    const texts = document.createNodeIterator(fragment, NodeFilter.SHOW_TEXT);
    /** @type {any} */
    let node;
    while ((node = texts.nextNode())) {
      const parts = node.data.split(MARK);
      if (parts.length === 1) continue;
      const block = node.parentElement?.closest("pre");
      node.replaceWith(...parts.map((/** @type {string} */ part, /** @type {number} */ at) => (at % 2 ? this.#sourceOf(Number(part)) : part)));
      block?.after(...block.querySelectorAll("sup"));
    }
  }

  /** @param {number} number of the annotation */
  #sourceOf(number) {
    const annotation = this.annotations[number - 1];
    const onclick = () => this.options.onSource?.(annotation);
    const button = annotation ? el("button", { type: "button", textContent: number, title: annotation.source.title, onclick }) : "";
    return el("sup", { className: "source" }, button);
  }
}

/** A last line that may become part of the block before it, or end that: a number may be a list's next, `#` a hashtag. */
const UNSETTLED = /^\s*(?:\d{1,9}[.)]?|[-+*_#=>~]+|`[^\n]*)\s*$/;

/** The index of the token that begins the last block, or the one before. @param {any[]} tokens @param {boolean} isUnsettled whether the last may yet be none */
function startOfLastBlock(tokens, isUnsettled) {
  let more = isUnsettled ? 1 : 0;
  return Math.max(0, tokens.findLastIndex(({ level, nesting, map }) => level === 0 && nesting >= 0 && map && more-- === 0));
}

/** @param {string} text @param {number} line */
function offsetOfLine(text, line) {
  let at = 0;
  while (line-- > 0) at = text.indexOf("\n", at) + 1;
  return at;
}

/** Put a mark where each annotation belongs; their offsets count code points. @param {string} text @param {Annotation[]} annotations */
function withMarks(text, annotations) {
  const marks = annotations
    .map(({ index }, at) => ({ index: Math.max(index ?? Infinity, 0), mark: `\x02${at + 1}\x03` }))
    .filter(({ index }) => index < Infinity)
    .sort((one, other) => one.index - other.index);
  if (!marks.length) return text;
  const points = [...text];
  let marked = "";
  let from = 0;
  for (const { index, mark } of marks) {
    marked += points.slice(from, index).join("");
    marked += FENCE.test(marked.slice(marked.lastIndexOf("\n") + 1)) ? `\n\n${mark}` : mark;
    from = index;
  }
  return marked + points.slice(from).join("");
}

/** @param {HTMLElement} code @param {boolean} final */
function frameCode(code, final) {
  const language = /language-([\w+#.-]+)/.exec(code.className)?.[1] ?? "text";
  const head = el("div", { className: "code-head" }, language);
  wrap(/** @type {HTMLElement} */ (code.parentElement), "code", head);
  if (final) import("./finish.js").then(({ finishCode }) => finishCode(head, code, language));
}

/** Put a frame around an element. @param {HTMLElement} element @param {string} className @param {...Node} lead what comes first in it */
function wrap(element, className, ...lead) {
  const frame = el("div", { className }, ...lead);
  element.replaceWith(frame);
  frame.append(element);
}

// What markdown-it does not know: math

/** `\(…\)`, `$…$`, and within a line `\[…\]`, `$$…$$`. @param {any} state @param {boolean} silent */
function mathInline(state, silent) {
  const match = /^(?:\\\((.+?)\\\)|\\\[(.+?)\\\]|\$\$(.+?)\$\$|\$(?![\s$])((?:\\.|[^$\\\n])*?[^\s\\$])\$(?!\d))/s.exec(state.src.slice(state.pos, state.pos + 4000));
  if (!match) return false;
  const display = match[2] ?? match[3];
  if (!silent) Object.assign(state.push("math", "math", 0), { content: display ?? match[1] ?? match[4], block: display !== undefined });
  state.pos += match[0].length;
  return true;
}

/** What ends math, by what begins it. @type {Record<string, string | undefined>} */
const CLOSING = { "$$": "$$", "\\[": "\\]" };

/** `$$` or `\[` on a line, up to the line that ends it. @param {any} state @param {number} start @param {number} end @param {boolean} silent */
function mathBlock(state, start, end, silent) {
  const line = (/** @type {number} */ at) => state.src.slice(state.bMarks[at] + state.tShift[at], state.eMarks[at]);
  const first = line(start);
  const closing = CLOSING[first.slice(0, 2)];
  if (!closing || state.unclosed?.[closing] === end) return false;
  let last = start;
  while (last < end && !(last === start ? first.slice(2) : line(last)).trimEnd().endsWith(closing)) last++;
  if (last >= end) {
    // Or each line that begins so would look for its end again.
    state.unclosed = { ...state.unclosed, [closing]: end };
    return false;
  }
  if (silent) return true;
  const content = state.getLines(start, last + 1, state.blkIndent, false).trim();
  Object.assign(state.push("math", "math", 0), { content: content.slice(2, -2).trim(), block: true, map: [start, last + 1] });
  state.line = last + 1;
  return true;
}
