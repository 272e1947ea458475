/** @file Asks once more before something is lost. */

import { h } from "../dom/h.js"
import { t } from "../lib/t.js"

export class ConfirmDialog extends HTMLElement {
  #title = h("h2", { id: "confirm-title" })
  #text = h("p", { id: "confirm-text" })
  #yes = h("button", { type: "submit", value: "yes", class: "button danger-button" })
  #dialog = h("dialog", { class: "dialog", "aria-labelledby": "confirm-title", "aria-describedby": "confirm-text" },
    h("form", { method: "dialog" }, this.#title, this.#text, h("div", { class: "dialog-foot" },
      h("button", { type: "submit", value: "", class: "button" }, t("dialog.cancel")), this.#yes)))

  connectedCallback() {
    if (!this.firstChild) this.append(this.#dialog)
  }

  /** @param {string} title @param {string} text @param {string} label of the button that does it @returns {Promise<boolean>} */
  ask(title, text, label) {
    this.#title.textContent = title
    this.#text.textContent = text
    this.#yes.textContent = label
    this.#dialog.returnValue = ""
    this.#dialog.showModal()
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => resolve(this.#dialog.returnValue === "yes"), { once: true })
    })
  }
}

customElements.define("confirm-dialog", ConfirmDialog)
