/** @file A picture of a message as large as the page lets it be. */

import { h, icon, iconButton } from "../dom/h.js"
import { addressOf } from "../lib/files-api.js"
import { t } from "../lib/t.js"

export class PictureViewer extends HTMLElement {
  #image = h("img", { alt: "" })
  #name = h("h2", { id: "picture-name", dir: "auto" })
  #save = h("a", { class: "icon-button", "aria-label": t("data.download"), title: t("data.download") }, icon("data"))
  #dialog = h("dialog", { class: "picture-viewer", "aria-labelledby": "picture-name", onclick: (/** @type {Event} */ event) => this.#onOutside(event) },
    h("div", { class: "picture-head" }, this.#name, this.#save, iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    this.#image)

  connectedCallback() {
    if (!this.firstChild) this.append(this.#dialog)
  }

  /** @param {import("../types.js").Attachment} picture */
  open(picture) {
    this.#name.textContent = picture.name
    this.#image.alt = picture.name
    this.#image.src = addressOf(picture)
    this.#save.setAttribute("href", addressOf(picture))
    this.#save.setAttribute("download", picture.name)
    this.#dialog.showModal()
  }

  /** @param {Event} event */
  #onOutside({ target }) {
    if (target === this.#dialog) this.#dialog.close()
  }
}

customElements.define("picture-viewer", PictureViewer)
