/**
 * What several types of items are made of. What a server says wrongly counts as absent.
 *
 * @import { Room } from "./conversation.js"
 */

import { icon } from "./icons.js";
import { strings } from "./strings.js";
import { html, nothing } from "./vendor/lit-html/lit-html.js";

/** @param {unknown} value */
export function text(value) {
  return typeof value === "string" ? value : "";
}

/** @param {unknown} value @returns {any[]} the objects in it */
export function objects(value) {
  return Array.isArray(value) ? value.filter((one) => one && typeof one === "object") : [];
}

/** @param {unknown} value @param {RegExp} allowed @returns {URL | undefined} the address, if it is one that is allowed */
export function urlOf(value, allowed = /^https?:/) {
  const url = URL.canParse(text(value), location.href) ? new URL(text(value), location.href) : undefined;
  return url && allowed.test(url.href) ? url : undefined;
}

export const spinner = () => html`<i class="spin" role="img" aria-label=${strings.working}></i>`;

/**
 * Returns what draws a line, and what unfolds below it: as the server says, until the user chooses.
 * @param {Room} room
 * @returns {(id: string, head: unknown, body: () => unknown, open?: boolean) => unknown} `id`: of the item that it is part of
 */
export function folding({ host, again }) {
  /** @type {boolean | undefined} */
  let chosen;
  return (id, head, body, open = false) => {
    const isOpen = chosen ?? open;
    const toggle = () => {
      chosen = !isOpen;
      host.conversation.sticks = false; // the line stays where it is
      again(id);
    };
    return html`<button type="button" class="fold" aria-expanded=${isOpen} @click=${toggle}>${head}${icon("chevron", "turns")}</button>
      ${isOpen ? body() : nothing}`;
  };
}

/** A source in one line: a link, if it is a web page. @param {any} source @param {unknown} [lead] what comes first */
export function sourceLine(source, lead) {
  const url = source.type === "url" ? urlOf(source.url) : undefined;
  const about = text(source.attribution) || url?.hostname.replace(/^www\./, "") || text(source.filename);
  const title = text(source.title) || about;
  const line = html`${lead}<span class="name" dir="auto">${title}</span>${about === title ? nothing : html`<span class="about" dir="auto">${about}</span>`}`;
  return html`<a class="line" href=${url?.href ?? nothing} title=${text(source.description)} target="_blank" rel="noopener noreferrer">${line}</a>`;
}
