/**
 * The files of the message that is being written. Each is announced to the server, which answers where its bytes go.
 *
 * @import { ChatKitChat } from "./chatkit-chat.js"
 * @typedef {{ name: string, file?: File, preview?: string, attachment?: any, done: boolean, progress: number, error?: string,
 *   mayRetry?: boolean, stop: AbortController }} Upload
 */

import { icon, iconButton } from "./icons.js";
import { strings } from "./strings.js";
import { html, nothing } from "./vendor/lit-html/lit-html.js";

export class Uploads {
  /** @param {ChatKitChat} host @param {() => void} onChange */
  constructor(host, onChange) {
    this.host = host;
    this.chat = /** @type {NonNullable<ChatKitChat["chat"]>} */ (host.chat);
    this.onChange = onChange;
    /** @type {Upload[]} */
    this.list = [];
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
    return this.host.options.composer?.attachments ?? {};
  }

  /** Upload files. @param {File[]} files @returns {string} why some were refused; empty if none was */
  add(files) {
    /** @type {Map<string, string[]>} */
    const refused = new Map();
    for (const file of files) {
      const reason = this.#refusal(file);
      if (reason) refused.set(reason, [...(refused.get(reason) ?? []), file.name]);
      else this.#begin(file);
    }
    this.onChange();
    return [...refused].map(([reason, names]) => `${reason}: ${names.join(", ")}`).join("\n");
  }

  /** Take attachments that are uploaded. @param {any[]} attachments */
  put(attachments) {
    this.list = attachments.map((attachment) => ({ ...upload(attachment.name), attachment, preview: attachment.preview_url, done: true }));
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
    upload.stop.abort();
    forgetPreview(upload);
    this.list = this.list.filter((one) => one !== upload);
    this.#delete(upload);
    this.onChange();
  }

  /** @param {File} file */
  #refusal(file) {
    const { accept, maxSize, maxCount = Infinity } = this.#options;
    const isOf = (/** @type {string} */ type) => type === "*/*" || file.type === type || (type.endsWith("/*") && file.type.startsWith(type.slice(0, -1)));
    const ends = (/** @type {string} */ ending) => file.name.toLowerCase().endsWith(ending.toLowerCase());
    const limit = typeof maxSize === "object" ? Object.entries(maxSize).find(([type]) => isOf(type))?.[1] : maxSize;
    if (accept && !Object.entries(accept).some(([type, endings]) => isOf(type) || endings.some(ends))) return strings.wrongType;
    if (file.size > (limit ?? Infinity)) return strings.tooLarge;
    return this.list.length >= maxCount ? strings.tooMany : "";
  }

  /** @param {File} file */
  #begin(file) {
    const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : undefined;
    const begun = { ...upload(file.name), file, preview };
    this.list = [...this.list, begun];
    this.#run(begun);
  }

  /** @param {Upload} upload */
  async #run(upload) {
    const file = /** @type {File} */ (upload.file);
    try {
      const mimeType = file.type || "application/octet-stream";
      upload.attachment = await this.chat.op("attachments.create", { name: file.name, size: file.size, mime_type: mimeType });
      if (upload.stop.signal.aborted) return this.#delete(upload);
      const descriptor = upload.attachment.upload_descriptor;
      if (descriptor) await this.#send(upload, file, descriptor);
      upload.done = true;
    } catch (error) {
      const { status } = /** @type {any} */ (error);
      upload.error = status === 413 ? strings.tooLarge : status === 415 ? strings.wrongType : strings.uploadFailed;
      upload.mayRetry = status !== 413 && status !== 415;
    }
    this.onChange();
  }

  /** @param {Upload} upload */
  #retry(upload) {
    this.#delete(upload);
    Object.assign(upload, { error: undefined, progress: 0 });
    this.#run(upload);
    this.onChange();
  }

  /** One that stays behind is in no message: that it could not be deleted is no news to the user. @param {Upload} upload */
  #delete({ attachment }) {
    if (attachment) this.chat.op("attachments.delete", { attachment_id: attachment.id }).catch(() => {});
  }

  /** @param {Upload} upload @param {File} file @param {{ url: string, method: string, headers?: Record<string, string> }} descriptor */
  async #send(upload, file, { url, method, headers }) {
    const request = new XMLHttpRequest(); // fetch tells nothing of progress
    request.open(method, url);
    const own = await this.#headersFor(url);
    for (const [name, value] of Object.entries({ ...own, ...headers })) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      upload.progress = loaded / (total || 1);
      this.onChange();
    });
    const form = new FormData();
    form.append("file", file);
    upload.stop.signal.addEventListener("abort", () => request.abort());
    await new Promise((resolve, reject) => {
      request.addEventListener("loadend", () => (request.status >= 200 && request.status < 300 ? resolve(undefined) : reject(request)));
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
      ${mayRetry && error ? iconButton("reload", `${strings.retry}: ${name}`, () => this.#retry(upload)) : nothing}
      ${iconButton("close", `${strings.removeFile}: ${name}`, () => this.remove(upload))}
      ${done || error ? nothing : html`<progress aria-label=${`${strings.uploading}: ${name}`} max="1" .value=${progress}></progress>`}
    </li>`;
  }
}

/** @param {string} name @returns {Upload} */
function upload(name) {
  return { name, done: false, progress: 0, stop: new AbortController() };
}

/** @param {Upload} upload */
function forgetPreview({ preview }) {
  if (preview?.startsWith("blob:")) URL.revokeObjectURL(preview);
}

/**
 * Take the files that are dropped on the page.
 * @param {HTMLElement} page @param {() => boolean} takes @param {(files: File[]) => void} onFiles
 */
export function takeDrops(page, takes, onFiles) {
  const overlay = document.createElement("div");
  Object.assign(overlay, { className: "drop", hidden: true });
  page.append(overlay);
  page.addEventListener("dragenter", (event) => {
    if (!event.dataTransfer?.types.includes("Files") || !takes()) return;
    overlay.textContent = strings.dropFiles;
    overlay.hidden = false;
  });
  overlay.addEventListener("dragover", (event) => event.preventDefault());
  overlay.addEventListener("dragleave", () => (overlay.hidden = true));
  overlay.addEventListener("drop", (event) => {
    event.preventDefault();
    overlay.hidden = true;
    onFiles([...(event.dataTransfer?.files ?? [])]);
  });
}
