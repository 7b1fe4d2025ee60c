/**
 * The files of the message that is being written. Each is announced to the server, which answers where its bytes go.
 *
 * @import { Composer } from "./composer.js"
 * @typedef {{ name: string, file: File, stop: AbortController, progress: number }} Running
 * @typedef {{ name: string, preview?: string, attachment?: any, done?: boolean, error?: string, mayRetry?: boolean }
 *   & Partial<Running>} Upload one that is put back was never `Running` here
 */

import { el } from "./conversation.js";
import { icon, iconButton } from "./icons.js";
import { strings } from "./strings.js";
import { html, nothing } from "./vendor/lit-html/lit-html.js";

export class Uploads {
  /** @type {Upload[]} */
  list = [];

  /** @param {Composer} composer */
  constructor(composer) {
    this.composer = composer;
    this.chat = composer.chat;
  }

  get isDone() {
    return this.list.every(({ done }) => done);
  }

  /** Those that a message may name. @returns {any[]} */
  get attachments() {
    return this.list.filter(({ done }) => done).map(({ attachment }) => attachment);
  }

  /** What the file input takes. */
  get accept() {
    return Object.entries(this.#options.accept ?? {}).flat(2).join(",");
  }

  /** @returns {{ enabled?: boolean, accept?: Record<string, string[]>, maxSize?: number | Record<string, number>, maxCount?: number }} */
  get #options() {
    return this.composer.options.attachments ?? {};
  }

  /** Upload files. @param {File[]} files @returns {string} why some were refused; empty if none was */
  add(files) {
    const refused = Map.groupBy(files, (file) => this.#refusal(file) || this.#begin(file));
    refused.delete("");
    return [...refused].map(([reason, all]) => `${reason}: ${all.map(({ name }) => name).join(", ")}`).join("\n");
  }

  /** Take attachments that are uploaded. @param {any[]} attachments */
  put(attachments) {
    this.list = attachments.map((attachment) => ({ name: attachment.name, attachment, preview: attachment.preview_url, done: true }));
  }

  /** Hand over all, for a message. */
  take() {
    const { attachments } = this;
    this.list.forEach(forgetPreview);
    this.list = [];
    return attachments;
  }

  /** @param {Upload} upload */
  remove(upload) {
    upload.stop?.abort();
    forgetPreview(upload);
    this.list = this.list.filter((one) => one !== upload);
    this.#delete(upload);
    this.composer.changed();
  }

  /** @param {File} file */
  #refusal(file) {
    const { accept, maxSize, maxCount = Infinity } = this.#options;
    const types = [file.type, file.type.replace(/\/.*/, "/*"), "*/*"];
    const ends = (/** @type {string} */ ending) => file.name.toLowerCase().endsWith(ending.toLowerCase());
    const limit = typeof maxSize === "object" ? Object.entries(maxSize).find(([type]) => types.includes(type))?.[1] : maxSize;
    if (accept && !Object.entries(accept).some(([type, endings]) => types.includes(type) || endings.some(ends))) return strings.wrongType;
    if (file.size > (limit ?? Infinity)) return strings.tooLarge;
    return this.list.length >= maxCount ? strings.tooMany : "";
  }

  /** @param {File} file @returns {string} nothing that speaks against it */
  #begin(file) {
    const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : undefined;
    const begun = { name: file.name, file, preview, progress: 0, stop: new AbortController() };
    this.list.push(begun);
    this.#run(begun);
    return "";
  }

  /** @param {Upload & Running} upload */
  async #run(upload) {
    const { name, size, type } = upload.file;
    try {
      upload.attachment = await this.chat.op("attachments.create", { name, size, mime_type: type || "application/octet-stream" });
      if (upload.stop.signal.aborted) return this.#delete(upload);
      const descriptor = upload.attachment.upload_descriptor;
      if (descriptor) await this.#send(upload, descriptor);
      upload.done = true;
    } catch (error) {
      const refused = new Map([[413, strings.tooLarge], [415, strings.wrongType]]).get(/** @type {any} */ (error).status);
      upload.error = refused ?? strings.uploadFailed;
      upload.mayRetry = !refused;
    }
    this.composer.changed();
  }

  /** @param {Upload & Running} upload */
  #retry(upload) {
    this.#delete(upload);
    Object.assign(upload, { error: undefined, progress: 0 });
    this.#run(upload);
    this.composer.changed();
  }

  /** One that stays behind is in no message: that it could not be deleted is no news to the user. @param {Upload} upload */
  #delete({ attachment }) {
    if (attachment) this.chat.op("attachments.delete", { attachment_id: attachment.id }).catch(() => {});
  }

  /** @param {Upload & Running} upload @param {{ url: string, method: string, headers?: Record<string, string> }} descriptor */
  async #send(upload, { url, method, headers }) {
    const { file, stop } = upload;
    const request = new XMLHttpRequest(); // fetch tells nothing of progress
    request.open(method, url);
    const own = await this.#headersFor(url);
    for (const [name, value] of Object.entries({ ...own, ...headers })) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => {
      upload.progress = loaded / (total || 1);
      this.composer.changed();
    };
    const form = new FormData();
    form.append("file", file);
    stop.signal.onabort = () => request.abort();
    await new Promise((resolve, reject) => {
      request.onloadend = () => (request.status >= 200 && request.status < 300 ? resolve(undefined) : reject(request));
      request.send(method === "POST" ? form : file);
    });
  }

  /** What authenticates the user goes to the endpoint's host alone. @param {string} url */
  async #headersFor(url) {
    const { endpoint, headers } = this.chat.api;
    const isOurs = new URL(url, location.href).origin === new URL(endpoint, location.href).origin;
    return isOurs && (typeof headers === "function" ? await headers() : headers);
  }

  view() {
    if (!this.list.length) return nothing;
    return html`<ul class="uploads" aria-label=${strings.files}>${this.list.map((upload) => this.#chip(upload))}</ul>`;
  }

  /** @param {Upload} upload */
  #chip(upload) {
    const { name, preview, done, progress, error, mayRetry } = upload;
    return html`<li class=${error ? "failed" : ""}>
      ${preview ? html`<img src=${preview} alt="">` : icon(error ? "warning" : "document")}
      <span class="name" dir="auto" title=${name}>${name}${error ? html`<small role="alert">${error}</small>` : nothing}</span>
      ${mayRetry && error ? iconButton("reload", `${strings.retry}: ${name}`, () => this.#retry(/** @type {Upload & Running} */ (upload))) : nothing}
      ${iconButton("close", `${strings.removeFile}: ${name}`, () => this.remove(upload))}
      ${done || error ? nothing : html`<progress aria-label=${`${strings.uploading}: ${name}`} max="1" .value=${progress}></progress>`}
    </li>`;
  }
}

/** @param {Upload} upload */
function forgetPreview({ preview = "" }) {
  URL.revokeObjectURL(preview);
}

/**
 * Take the files that are dropped on the page.
 * @param {Composer} composer
 */
export function takeDrops(composer) {
  const overlay = el("div", {
    className: "drop",
    hidden: true,
    ondragover: (/** @type {DragEvent} */ event) => event.preventDefault(),
    ondragleave: () => (overlay.hidden = true),
    ondrop: (/** @type {DragEvent} */ event) => {
      event.preventDefault();
      overlay.hidden = true;
      composer.attach([...(event.dataTransfer?.files ?? [])]);
    },
  });
  composer.host.frame.append(overlay);
  composer.host.frame.addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files") || !composer.takesFiles) return;
    overlay.textContent = strings.dropFiles;
    overlay.hidden = false;
  });
}
