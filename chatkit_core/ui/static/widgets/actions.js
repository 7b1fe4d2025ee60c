/**
 * Sends the actions of a widget, with what its controls hold, and shows meanwhile that they are under way.
 *
 * @import { Item } from "../chat.js"
 * @import { Room } from "../conversation.js"
 * @typedef {"none" | "self" | "container"} Loading
 * @typedef {{ id: string, form?: HTMLFormElement }} Scope the controls whose names are told apart
 */

export class Actions {
  /** @param {Room} room @param {HTMLElement} container the whole of the widget @param {(error?: any) => void} onEnd */
  constructor(room, container, onEnd) {
    this.room = room;
    this.container = container;
    this.onEnd = onEnd;
    /** The item that holds the widget. @type {Item} */
    this.item = { id: "", type: "widget" };
  }

  /**
   * Run an action, if there is one.
   * @param {any} action @param {HTMLElement} control that was used @param {Scope} scope @param {Loading} auto what `auto` stands for
   * @returns {Promise<boolean>} whether it was done
   */
  async run(action, control, scope, auto) {
    if (typeof action?.type !== "string") return false;
    const payload = payloadWith(action.payload, scope, control);
    const places = { none: undefined, self: control, container: this.container };
    const loading = Object.hasOwn(places, action.loadingBehavior) ? action.loadingBehavior : auto;
    const release = hold(places[/** @type {Loading} */ (loading)]);
    let failed;
    try {
      return await this.#send({ ...action, payload });
    } catch (error) {
      failed = error;
      this.room.chat.tell("error", { error });
      return false;
    } finally {
      release();
      this.onEnd(failed);
    }
  }

  /** @param {any} action @returns {Promise<boolean>} whether it was done */
  async #send(action) {
    const { chat, host } = this.room;
    const { type, payload, handler, streaming } = action;
    const { id, widget } = this.item;
    if (handler === "client") {
      await host.options.widgets?.onAction?.(action, { id, widget });
      return true;
    }
    await host.whole;
    if (streaming !== false) return untilOver(chat, () => host.sender.action({ type, payload }, id));
    await host.sender.syncAction({ type, payload }, id);
    return true;
  }
}

/**
 * Start a turn, and wait until it has ended or waits for the user. Its end may be heard before its id is.
 * @param {Room["chat"]} chat @param {() => Promise<string | null>} start
 * @returns {Promise<boolean>} whether it did what it was to do; if not, the conversation says so
 */
async function untilOver(chat, start) {
  const { threadId } = chat;
  /** @type {Map<string, string>} */
  const ended = new Map();
  const over = new AbortController();
  let look = () => {};
  const hear = (/** @type {any} */ { type, detail }) => {
    if (type === "ended") ended.set(detail.id, detail.status);
    look();
  };
  for (const type of ["ended", "change"]) chat.addEventListener(type, hear, over);
  try {
    const id = await start();
    return await new Promise((resolve) => {
      look = () => {
        const waits = chat.turn?.id === id && chat.turn?.status === "waiting";
        if (!id || ended.has(id) || waits || chat.threadId !== threadId) resolve(ended.get(id ?? "") !== "failed");
      };
      look();
    });
  } finally {
    over.abort();
  }
}

/** Make an element inert, if there is one; returns what makes it usable again. @param {HTMLElement} [element] */
function hold(element) {
  if (!element) return () => {};
  const root = /** @type {ShadowRoot} */ (element.getRootNode());
  const focused = /** @type {HTMLElement | null} */ (root.activeElement);
  element.inert = true;
  element.ariaBusy = "true";
  return () => {
    element.inert = false;
    element.ariaBusy = null;
    if (!root.activeElement && focused && element.contains(focused)) focused.focus({ preventScroll: true });
  };
}

// What controls hold

let scopes = 0;

/** How to read each control; undefined says that it holds nothing. @type {WeakMap<Element, () => unknown>} */
const READERS = new WeakMap();

/** @param {HTMLFormElement} [form] @returns {Scope} */
export function newScope(form) {
  return { id: `w${++scopes}`, form };
}

/** The id of the control with a name. @param {Scope} scope @param {unknown} name */
export function idOf(scope, name) {
  return `${scope.id}-${String(name).replace(/\s/g, "_")}`;
}

/** @param {HTMLElement} element @param {() => unknown} read */
export function asControl(element, read) {
  READERS.set(element, read);
}

/**
 * Name a control. A `Label` for it wins over what it is called here.
 * @param {HTMLElement} element @param {Scope} scope @param {unknown} name @param {string} title
 */
export function nameControl(element, scope, name, title) {
  element.dataset.name = String(name);
  element.id = idOf(scope, name);
  element.setAttribute("aria-labelledby", labelOf(element.id));
  element.ariaLabel = title || String(name);
}

/** The id of a control's label. @param {string} id */
export function labelOf(id) {
  return `${id}-label`;
}

/**
 * Return an action's payload with what the controls of its form hold, or without a form the one control that was used. A
 * name with dots is a path.
 * @param {any} payload @param {Scope} scope @param {Element} control
 */
export function payloadWith(payload, scope, control) {
  const controls = scope.form ? [...scope.form.querySelectorAll("[data-name]")] : [control];
  const values = controls.flatMap((element) => {
    const value = READERS.get(element)?.();
    return value === undefined ? [] : [{ path: /** @type {HTMLElement} */ (element).dataset.name?.split(".") ?? [], value }];
  });
  const filled = structuredClone(payload ?? {});
  if (!values.length || !isRecord(filled)) return payload;
  for (const { path, value } of values) put(filled, path, value);
  return filled;
}

/** @param {Record<string, any>} record @param {string[]} path @param {unknown} value */
function put(record, [name, ...rest], value) {
  if (!rest.length) {
    record[name] = value;
    return;
  }
  if (!Object.hasOwn(record, name) || !isRecord(record[name])) record[name] = {};
  put(record[name], rest, value);
}

/** @param {unknown} value */
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
