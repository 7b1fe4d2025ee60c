/**
 * Changes in the tree of a widget. A tree is never changed in place: what is equal stays the same object.
 *
 * @typedef {{ type: string, id?: string, key?: string, children?: Component | Component[], [field: string]: any }} Component
 */

/**
 * Return the tree with another component in the place of the one with an id; the same tree if it has none.
 * @param {Component} tree @param {string} id @param {(component: Component) => Component} change
 * @returns {Component}
 */
export function replaceComponent(tree, id, change) {
  if (tree?.id === id) return change(tree);
  const children = tree?.children;
  if (!children) return tree;
  if (!Array.isArray(children)) {
    const child = replaceComponent(children, id, change);
    return child === children ? tree : { ...tree, children: child };
  }
  let found = false;
  const changed = children.map((child) => {
    const now = found ? child : replaceComponent(child, id, change);
    found ||= now !== child;
    return now;
  });
  return found ? { ...tree, children: changed } : tree;
}

/** Return the component with more text. @param {Component} component @param {string} delta @param {boolean} done */
export function appendText(component, delta, done) {
  return { ...component, value: (component.value ?? "") + delta, streaming: !done };
}
