/** A block of code that is complete: highlighted, if its language is known, and with a button that copies it. */

import { purify } from "./markdown.js";
import { strings } from "./strings.js";
import highlighter from "./vendor/highlight/core.min.js";

/** Other names of the languages that are vendored. @type {Record<string, string>} */
const ALIASES = {
  "c": "cpp", "c++": "cpp", "h": "cpp", "golang": "go", "html": "xml",
  "svg": "xml", "js": "typescript", "javascript": "typescript", "jsx": "typescript", "ts": "typescript", "tsx": "typescript",
  "patch": "diff", "py": "python", "rs": "rust", "sh": "bash", "shell": "bash", "zsh": "bash",
  "console": "bash", "yml": "yaml", "postgresql": "sql", "sqlite": "sql",
};
const KNOWN = new Set(
  "bash cpp css diff go json python rust sql typescript xml yaml".split(" "),
);
/** Characters beyond which a block is shown as it is: highlighting it would be felt. */
const LONGEST = 50_000;
const COPIED_FOR = 1500;

/** @param {HTMLElement} head @param {HTMLElement} code @param {string} language */
export async function finishCode(head, code, language) {
  head.append(copyButton(() => code.textContent ?? "", strings.copyCode));
  const name = ALIASES[language.toLowerCase()] ?? language.toLowerCase();
  const text = code.textContent ?? "";
  if (!KNOWN.has(name) || text.length > LONGEST) return;
  if (!highlighter.getLanguage(name)) {
    highlighter.registerLanguage(name, (await import(`./vendor/highlight/languages/${name}.min.js`)).default);
  }
  const { value } = highlighter.highlight(text, { language: name });
  code.replaceChildren(purify.sanitize(value, { RETURN_DOM_FRAGMENT: true, ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"] }));
}

/** @param {() => string} text @param {string} label */
export function copyButton(text, label) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "quiet copy", textContent: label });
  button.addEventListener("click", async () => {
    await copy(text());
    button.textContent = strings.copied;
    setTimeout(() => (button.textContent = label), COPIED_FOR);
  });
  return button;
}

/** Put a text on the clipboard, also where the page came over plain HTTP. @param {string} text */
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
