/** Adds a style sheet of this folder to a shadow root, once; resolves when it is there. */

/** @type {WeakMap<ShadowRoot, Map<string, Promise<void>>>} */
const added = new WeakMap();

/** @param {ShadowRoot | null} root @param {string} name such as `widgets.css` @returns {Promise<void>} */
export function addStyles(root, name) {
  if (!root) return Promise.resolve();
  const there = added.get(root) ?? new Map();
  added.set(root, there);
  const known = there.get(name);
  if (known) return known;
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`./${name}`, import.meta.url).href;
  const done = new Promise((resolve) => {
    for (const end of ["load", "error"]) link.addEventListener(end, () => resolve(undefined));
  });
  there.set(name, done);
  root.prepend(link);
  return done;
}
