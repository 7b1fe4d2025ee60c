/**
 * Shows work: workflows, tasks that stand by themselves, tools of the page's that are run, images that are made.
 *
 * @import { Item } from "./chat.js"
 * @import { Room, View } from "./conversation.js"
 */

import { el, markdownOptions } from "./conversation.js";
import { icon, iconButton } from "./icons.js";
import { folding, objects, sourceLine, spinner, text, urlOf } from "./item-parts.js";
import { Markdown } from "./markdown.js";
import { strings } from "./strings.js";
import { html, nothing, render } from "./vendor/lit-html/lit-html.js";

const IMAGE = /^(https?:|blob:|data:image\/)/;

/** @param {Room} room @returns {View} */
export function workflowView(room) {
  const fold = folding(room);
  return workView(room, (tasks, item, pending) => {
    const workflow = item.workflow ?? {};
    const all = objects(workflow.tasks);
    const runs = pending && !workflow.summary;
    const head = headOf(workflow, all, runs);
    const body = () => html`<ol class="tasks">${all.map((task, at) => tasks.inWorkflow(task, at, runs, at === all.length - 1))}</ol>`;
    return html`<div class="work">${all.length ? fold(item.id, head, body, workflow.expanded === true) : html`<div class="fold">${head}</div>`}</div>`;
  });
}

/** @param {Room} room @returns {View} */
export function taskView(room) {
  return workView(room, (tasks, { task }, pending) => {
    return html`<div class="task">${objects([task]).map((one) => tasks.inside(one, 0, pending, pending))}</div>`;
  });
}

/** @param {Room} room @param {(tasks: Tasks, item: Item, pending: boolean) => unknown} draw @returns {View} */
function workView(room, draw) {
  const element = el("div");
  const tasks = new Tasks(room);
  return {
    element,
    show(item, pending) {
      tasks.wait = 0;
      render(draw(tasks, item, pending), element);
      return tasks.wait;
    },
  };
}

/** The line that stands for a workflow. @param {any} workflow @param {any[]} tasks @param {boolean} runs */
function headOf({ type, summary }, tasks, runs) {
  if (runs) {
    const task = tasks.findLast((one) => one.status_indicator === "loading") ?? tasks.at(-1);
    const title = (task && titleOf(task, true)) || (type === "reasoning" ? strings.thinking : strings.working);
    return html`<span class="shimmer" dir="auto">${title}</span>`;
  }
  const { title, icon: name, duration } = summary ?? {};
  const thought = duration >= 1 ? strings.thoughtFor(Number(duration)) : strings.thought;
  const words = text(title) || (duration !== undefined || type === "reasoning" ? thought : strings.steps);
  return html`${name ? icon(text(name)) : nothing}<span dir="auto">${words}</span>`;
}

/** The icon of a type of task, and its title while it runs and after. @type {Map<string, () => [string, string, string]>} */
const TYPES = new Map([
  ["web_search", () => ["globe", strings.searching, strings.searched]],
  ["thought", () => ["", strings.thinking, strings.thought]],
  ["file", () => ["document", strings.files, strings.files]],
  ["image", () => ["images", strings.image, strings.image]],
]);

/** @param {any} task @param {boolean} runs */
function titleOf(task, runs) {
  return text(task.title) || text(task.title_query) || (TYPES.get(task.type)?.()[runs ? 1 : 2] ?? "");
}

/** Draws tasks. The Markdown of each is kept, so that what streams grows where it stands. */
class Tasks {
  /** @param {Room} room */
  constructor(room) {
    this.room = room;
    /** By the place of the task. @type {Markdown[]} */
    this.kept = [];
    /** Milliseconds after which to draw again, because not all is drawn. */
    this.wait = 0;
  }

  /** @param {any} task @param {number} at @param {boolean} open whether the workflow goes on @param {boolean} isLast */
  inWorkflow(task, at, open, isLast) {
    const runs = open && task.status_indicator === "loading";
    const isDone = task.status_indicator === "complete";
    const marker = runs ? spinner() : isDone ? icon("check") : nothing;
    return html`<li class="task"><span class="marker">${marker}</span>${this.inside(task, at, runs, runs || (open && isLast && !isDone))}</li>`;
  }

  /** @param {any} task @param {number} at @param {boolean} runs @param {boolean} streams whether more text may come */
  inside(task, at, runs, streams) {
    const body = this.#body(task, at, streams);
    const title = task.type === "thought" && body !== nothing ? text(task.title) : titleOf(task, runs);
    const name = text(task.icon) || TYPES.get(task.type)?.()[0];
    return html`<div class="inside">
      ${title ? html`<div class="title">${name ? icon(name) : nothing}<span dir="auto">${title}</span></div>` : nothing}
      ${body}</div>`;
  }

  /** @param {any} task @param {number} at @param {boolean} streams */
  #body(task, at, streams) {
    const content = text(task.content);
    if (content) return this.#markdown(content, at, !streams);
    const queries = [task.queries ?? []].flat().map(text).filter((query) => query && query !== titleOf(task, false));
    const sources = objects(task.sources);
    if (!sources.length && !queries.length) return nothing;
    return html`<ul class="chips">
      ${queries.map((query) => html`<li>${icon("search")}<span class="name" dir="auto">${query}</span></li>`)}
      ${sources.map((source) => html`<li>${sourceLine(source)}</li>`)}</ul>`;
  }

  /** @param {string} content @param {number} at @param {boolean} done */
  #markdown(content, at, done) {
    const kept = (this.kept[at] ??= new Markdown(el("div", { className: "md", dir: "auto" }), markdownOptions(this.room)));
    this.wait = Math.max(this.wait, kept.show(content, { done }));
    return kept.container;
  }
}

/** @param {Room} room @returns {View} */
export function toolView(room) {
  const { chat } = room;
  const element = el("div");
  const fold = folding(room);
  return {
    element,
    show({ id, name, status, arguments: params, output }) {
      const isPending = status === "pending";
      const runs = isPending && chat.turn !== null; // which a call of a turn that was stopped does not
      const label = runs ? strings.toolRuns(text(name)) : isPending ? text(name) : strings.toolRan(text(name));
      const head = html`${runs ? spinner() : icon(isPending ? "bolt" : "check")}<span>${label}</span>`;
      const body = () => html`${json(strings.toolArguments, params)}${json(strings.toolOutput, output)}`;
      render(html`<div class="call">${fold(id, head, body)}</div>`, element);
      if (runs) chat.addEventListener("change", () => element.isConnected && room.again(id), { once: true });
    },
  };
}

/** @param {string} label @param {unknown} value */
function json(label, value) {
  if (value === undefined || value === null) return nothing;
  return html`<div class="label">${label}</div><pre tabindex="0" role="region" aria-label=${label}>${JSON.stringify(value, null, 2)}</pre>`;
}

/** @param {Room} room @returns {View} */
export function imageView(room) {
  const element = el("div");
  /** The address that has loaded nothing. */
  let broken = "";
  return {
    element,
    show({ id, image, progress }, pending) {
      const url = urlOf(image?.url, IMAGE)?.href ?? "";
      const isShown = url && url !== broken;
      const onError = () => {
        broken = url;
        room.again(id);
      };
      render(
        html`<div class="made">
          ${isShown ? picture(url, onError) : pending ? nothing : html`<p>${strings.imageMissing} ${url ? download(url) : nothing}</p>`}
          ${pending ? html`<progress value=${Number.isFinite(progress) ? progress : nothing} aria-label=${strings.imageProgress}></progress>` : nothing}</div>`,
        element,
      );
    },
  };
}

/** @param {string} url */
function download(url) {
  return html`<a class="quiet icon" href=${url} download target="_blank" rel="noopener noreferrer" title=${strings.download} aria-label=${strings.download}>
    ${icon("download")}</a>`;
}

/** @param {string} url @param {() => void} onError */
function picture(url, onError) {
  // What is clicked beside the image and its link is the backdrop, or the button that closes.
  const close = (/** @type {any} */ { target }) => target.closest("img, a") || target.closest("dialog").close();
  return html`<button type="button" class="enlarge" title=${strings.enlarge} @click=${(/** @type {any} */ { currentTarget }) => currentTarget.nextElementSibling.showModal()}>
      <img src=${url} alt=${strings.generatedImage} @error=${onError}></button>
    <dialog class="large" aria-label=${strings.generatedImage} @click=${close}>
      <img src=${url} alt=${strings.generatedImage} loading="lazy">
      <div class="over">${download(url)}${iconButton("close", strings.close, close)}</div>
    </dialog>
    <div class="over">${download(url)}</div>`;
}
