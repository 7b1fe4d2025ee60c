/**
 * Applies events to a conversation. What is not known here (an event of a later version) changes nothing.
 *
 * @import { Chat, Item, Turn } from "./chat.js"
 * @import { Component } from "./widgets/layout.js"
 */

/**
 * Apply an event, once.
 * @param {Chat} chat
 * @param {string} cursor its id, `"<turn>:<seq>"`; empty for one that belongs to no turn
 * @param {any} event
 * @returns {boolean} whether it was new
 */
export function apply(chat, cursor, event) {
  const [, turnId = "", seq] = /^(.+):(\d+)$/.exec(cursor) ?? [];
  if (turnId) {
    if ((chat.seen.get(turnId) ?? 0) >= Number(seq)) return false;
    chat.seen.set(turnId, Number(seq));
    chat.cursor = cursor;
  }
  if (!Object.hasOwn(HANDLERS, event.type)) return true;
  if (chat.loads) chat.held.push(() => happen(chat, event, turnId));
  else happen(chat, event, turnId);
  return true;
}

/** One that cannot be applied is left out: those after it do not suffer. @param {Chat} chat @param {any} event @param {string} turnId */
function happen(chat, event, turnId) {
  try {
    HANDLERS[event.type](chat, event, turnId);
  } catch (error) {
    chat.tell("error", { error });
  }
}

/** @type {Record<string, (chat: Chat, event: any, turnId: string) => void>} */
const HANDLERS = {
  "thread.created": takeThread,
  "thread.updated": takeThread,
  "thread.item.added": (chat, { item }) => {
    chat.pending.add(item.id);
    put(chat, item);
    // Something better is there to be seen.
    chat.progress = null;
  },
  "thread.item.done": (chat, { item }, turnId) => {
    chat.pending.delete(item.id);
    put(chat, item);
    if (item.type === "user_message") chat.say("arrived", { id: turnId });
    else chat.progress = null;
  },
  "thread.item.replaced": (chat, { item }) => {
    chat.pending.delete(item.id);
    put(chat, item);
  },
  "thread.item.removed": (chat, { item_id: id }) => {
    chat.pending.delete(id);
    chat.items.delete(id);
    chat.changed("items", [id]);
  },
  "thread.item.updated": (chat, { item_id: id, update }) => {
    const item = chat.items.get(id);
    const changed = item && Object.hasOwn(UPDATES, update.type) && UPDATES[update.type](item, update);
    if (!changed) return;
    chat.items.set(id, changed);
    chat.changed("items", [id]);
    chat.progress = null;
  },
  stream_options: (chat, { stream_options: options }) => {
    chat.allowCancel = options.allow_cancel;
    chat.changed("turn");
  },
  progress_update: (chat, progress) => {
    chat.progress = progress;
    chat.changed("turn");
  },
  client_effect: (chat, { name, data }) => chat.tell("effect", { name, data }),
  notice: (chat, notice) => {
    chat.notices = [...chat.notices, notice];
    chat.changed("state");
  },
  error: (chat, { code, message, allow_retry: allowRetry }) => {
    chat.failure = { code, message, allowRetry: Boolean(allowRetry) };
    chat.changed("turn");
  },
  "turn.queued": (chat, { turn }) => {
    chat.queued.set(turn.id, turn);
    chat.changed("turn");
  },
  "turn.started": (chat, event) => {
    const goesOn = chat.isBusy && chat.turn?.id === event.turn.id;
    takeTurn(chat, event);
    chat.failure = null;
    if (!goesOn) chat.tell("response.start");
  },
  "turn.waiting": (chat, event) => {
    takeTurn(chat, event);
    chat.tell("response.end");
  },
  "turn.usage": takeTurn,
  "turn.completed": endTurn,
  "turn.cancelled": endTurn,
  "turn.failed": (chat, event) => {
    const { code = "", message } = event.turn.error ?? {};
    const told = chat.failure;
    const failure = told?.code === "custom" ? told : { code, message: told?.message ?? message, allowRetry: told?.allowRetry ?? true };
    // A retry answers the last message again, which would remove the widget whose action has failed.
    chat.failure = { ...failure, allowRetry: failure.allowRetry && event.turn.op !== "threads.custom_action" };
    endTurn(chat, event);
  },
};

/** @param {Chat} chat @param {{ thread: any }} event */
function takeThread(chat, { thread: { items: _, ...thread } }) {
  chat.threadId ??= thread.id;
  chat.thread = thread;
  if (chat.state === "new") chat.state = "ready";
  chat.changed("thread");
}

/** @param {Chat} chat @param {Item} item */
function put(chat, item) {
  const grows = item.type === "assistant_message" && chat.pending.has(item.id);
  chat.items.set(item.id, grows ? { ...item, content: item.content.map((/** @type {any} */ part) => ({ ...part })) } : item);
  chat.changed("items", [item.id]);
}

/** @param {Chat} chat @param {{ turn: Turn }} event */
function takeTurn(chat, { turn }) {
  chat.queued.delete(turn.id);
  chat.turn = turn;
  chat.changed("turn");
}

/** Another turn may go on: one that was queued ends as well. @param {Chat} chat @param {{ turn: Turn }} event */
function endTurn(chat, { turn }) {
  chat.queued.delete(turn.id);
  const ended = chat.turn;
  const isOther = ended && ended.id !== turn.id;
  if (!isOther) {
    chat.turn = null;
    chat.progress = null;
    chat.changed("items", chat.pending);
    chat.pending.clear();
  }
  chat.changed("turn");
  chat.say("ended", turn);
  if (ended && !isOther && ended.status !== "waiting") chat.tell("response.end");
}

/** From an item and an update to the item as it is then; undefined if the update does not fit. */
/** @type {Record<string, (item: Item, update: any) => Item | undefined>} */
const UPDATES = {
  "assistant_message.content_part.added": withPart,
  "assistant_message.content_part.done": withPart,
  "assistant_message.content_part.text_delta": (item, { content_index: index, delta }) => {
    const part = item.content?.[index];
    if (!part) return undefined;
    // In place: a copy each would cost what the message has grown to.
    part.text += delta;
    return item;
  },
  "assistant_message.content_part.annotation_added": (item, { content_index: index, annotation }) => {
    const part = item.content?.[index];
    return part && withPart(item, { content_index: index, content: { ...part, annotations: [...(part.annotations ?? []), annotation] } });
  },
  "widget.root.updated": (item, { widget }) => ({ ...item, widget }),
  "widget.component.updated": (item, { component_id: id, component }) => ({ ...item, widget: replaceComponent(item.widget, id, () => component) }),
  "widget.streaming_text.value_delta": (item, { component_id: id, delta, done }) => ({
    ...item,
    widget: replaceComponent(item.widget, id, (component) => ({ ...component, value: (component.value ?? "") + delta, streaming: !done })),
  }),
  "workflow.task.added": withTask,
  "workflow.task.updated": withTask,
  "generated_image.updated": (item, { image, progress }) => ({ ...item, image, progress }),
};

/** A part that grows is not the event's own, which other tabs may get as it came. @param {Item} item @param {{ content_index: number, content: any }} update */
function withPart(item, { content_index: index, content: part }) {
  const content = [...(item.content ?? [])];
  content[index] = { ...part };
  return { ...item, content };
}

/** @param {Item} item @param {{ task_index: number, task: any }} update */
function withTask(item, { task_index: index, task }) {
  const tasks = [...(item.workflow?.tasks ?? [])];
  tasks[index] = task;
  return { ...item, workflow: { ...item.workflow, tasks } };
}

// The tree of a widget is never changed in place: what is equal stays the same object.

/**
 * Return the tree with another component in the place of the one with an id; the same tree if it has none.
 * @param {Component} tree @param {string} id @param {(component: Component) => Component} change
 * @returns {Component}
 */
function replaceComponent(tree, id, change) {
  if (tree?.id === id) return change(tree);
  if (!tree?.children) return tree;
  const children = [tree.children].flat();
  for (const [at, child] of children.entries()) {
    const now = replaceComponent(child, id, change);
    if (now !== child) return { ...tree, children: Array.isArray(tree.children) ? children.with(at, now) : now };
  }
  return tree;
}
