/** A question that is to be answered before anything else. */

import { el } from "./conversation.js";
import { strings } from "./strings.js";
import { html, render } from "./vendor/lit-html/lit-html.js";

/**
 * Ask whether to go on; the focus returns to where it was.
 * @param {ShadowRoot} root
 * @param {{ title: string, about: string, text: string, action: string }} question `about`: what it is done to
 * @returns {Promise<boolean>}
 */
export function confirm(root, { title, about, text, action }) {
  const dialog = el("dialog", { className: "dialog", role: "alertdialog", ariaLabel: title, ariaDescription: `${about}. ${text}` });
  render(
    html`<div>
      <h2>${title}</h2>
      <p class="about" dir="auto">${about}</p>
      <p>${text}</p>
      <div class="answers">
        <button type="button" @click=${() => dialog.close()}>${strings.cancel}</button>
        <button type="button" class="danger" @click=${() => dialog.close("yes")}>${action}</button>
      </div>
    </div>`,
    dialog,
  );
  // What is clicked beside the content is the backdrop.
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  root.append(dialog);
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    });
  });
}
