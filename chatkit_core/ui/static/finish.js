/** What finishes a text: its code is highlighted and can be copied, its math is set. And what puts a text on the clipboard. */

import { el } from "./conversation.js";
import { purify, unglobal } from "./markdown.js";
import { strings } from "./strings.js";
import highlighter from "./vendor/highlight/core.min.js";

/** The languages that are vendored, each with its other names. */
const LANGUAGES = [
  "bash sh shell zsh console", "go golang", "json", "python py", "sql postgresql sqlite",
  "typescript ts tsx javascript js jsx", "xml html svg", "yaml yml",
].map((names) => names.split(" "));
/** Characters beyond which a block is shown as it is: highlighting it would be felt. */
const LONGEST = 50_000;
const COPIED_FOR = 1500;

/** A block of code that is complete. @param {HTMLElement} head @param {HTMLElement} code @param {string} language */
export async function finishCode(head, code, language) {
  const text = code.textContent ?? "";
  const button = el("button", { type: "button", className: "quiet copy", textContent: strings.copyCode });
  button.addEventListener("click", () => copy(text, (isCopied) => (button.textContent = isCopied ? strings.copied : strings.copyCode)));
  head.append(button);
  const [name] = LANGUAGES.find((names) => names.includes(language.toLowerCase())) ?? [];
  if (!name || text.length > LONGEST) return;
  if (!highlighter.getLanguage(name)) {
    highlighter.registerLanguage(name, (await import(`./vendor/highlight/languages/${name}.min.js`)).default);
  }
  const { value } = highlighter.highlight(text, { language: name });
  code.replaceChildren(purify.sanitize(value, { RETURN_DOM_FRAGMENT: true, ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"] }));
}

/** KaTeX, which is loaded when a reply has math. @type {Promise<any> | undefined} */
let loading;

/** As MathML: it needs no fonts, and screen readers read it. What is no TeX stays as it is. @param {Element} element whose text is TeX */
export async function renderMath(element) {
  const katex = await (loading ??= unglobal("katex", "./vendor/katex/katex.min.js"));
  const tex = element.textContent ?? "";
  const displayMode = element.getAttribute("data-display") === "true";
  try {
    katex.render(tex, element, { output: "mathml", displayMode, trust: false, strict: "ignore", maxExpand: 200 });
  } catch {
    element.textContent = tex;
  }
}

/**
 * Put a text on the clipboard, also where the page came over plain HTTP.
 * @param {string} text @param {(isCopied: boolean) => void} show shows that it is there, and after a while no longer
 */
export async function copy(text, show) {
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else {
    const area = el("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  show(true);
  setTimeout(() => show(false), COPIED_FOR);
}
