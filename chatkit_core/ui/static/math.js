/** Math, by KaTeX, which is loaded when a reply has some. As MathML: it needs no fonts, and screen readers read it. */

import { unglobal } from "./markdown.js";

const katex = await unglobal("katex", "./vendor/katex/katex.min.js");

/** What is no TeX stays as it is. @param {Element} element whose text is TeX */
export function renderMath(element) {
  const tex = element.textContent ?? "";
  const display = /** @type {HTMLElement} */ (element).dataset.display === "true";
  try {
    katex.render(tex, element, { output: "mathml", displayMode: display, trust: false, strict: "ignore", maxExpand: 200 });
  } catch {
    element.textContent = tex;
  }
}
