/**
 * A tree of views that follows a tree of components. A component that is the same object as before is not drawn again; one
 * that changed keeps its element, and so its focus and what was typed, as long as its key (or id, or name, or place among
 * its like) stays.
 *
 * @import { Component } from "../widget-tree.js"
 * @import { Actions, Scope } from "./actions.js"
 * @typedef {{ element: HTMLElement, show: (component: Component) => void }} View
 * @typedef {{ component: Component }} Self what a view shows, always the latest
 * @typedef {(place: Place, self: Self) => View} MakeView
 * @typedef {{ views: Record<string, MakeView>, actions: Actions, scope: Scope, list?: boolean }} Place where a component
 *   stands; `list`: as a row of a list
 */

export class Children {
  /** @param {HTMLElement} parent that holds nothing else @param {Place} place */
  constructor(parent, place) {
    this.parent = parent;
    this.place = place;
    /** @type {Map<string, { self: Self, view: View }>} */
    this.entries = new Map();
  }

  /** @param {unknown} children a component or several; what is none is left out */
  show(children) {
    const before = this.entries;
    this.entries = new Map();
    for (const component of [children].flat().filter(isComponent)) {
      const key = this.#freeKey(component);
      const known = before.get(key);
      const entry = known ?? this.#make(component);
      const isSame = known?.self.component === component;
      entry.self.component = component;
      if (!isSame) entry.view.show(component);
      this.entries.set(key, entry);
    }
    for (const [key, { view }] of before) if (!this.entries.has(key)) view.element.remove();
    this.#arrange();
  }

  /** @param {Component} component */
  #freeKey({ type, key, id, name, asForm, editable }) {
    const own = [type, Boolean(asForm ?? editable), key ?? id ?? name ?? ""].join(" ");
    for (let count = 0; ; count++) if (!this.entries.has(`${own} ${count}`)) return `${own} ${count}`;
  }

  /** @param {Component} component */
  #make(component) {
    const { views } = this.place;
    const self = { component };
    return { self, view: (Object.hasOwn(views, component.type) ? views[component.type] : unknownView)(this.place, self) };
  }

  #arrange() {
    let next = this.parent.firstElementChild;
    for (const { view } of this.entries.values()) {
      if (view.element === next) next = next.nextElementSibling;
      else this.parent.insertBefore(view.element, next);
    }
  }
}

/** @param {any} value @returns {value is Component} */
export function isComponent(value) {
  return typeof value === "object" && typeof value?.type === "string";
}

/** Of a component that is not known, the children are shown. @type {MakeView} */
function unknownView(place) {
  const element = document.createElement("div");
  element.className = "w-unknown";
  const children = new Children(element, place);
  return { element, show: (component) => children.show(component.children) };
}
