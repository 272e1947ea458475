/** @file The files of a question that is being changed: they stay, unless they are taken away. */

import { h, icon, iconButton } from "../dom/h.js"
import { addressOf } from "../lib/files-api.js"
import { isPicture } from "../lib/files.js"
import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Attachment} Attachment */

export class EditedFiles extends HTMLElement {
  #list = h("ul", { class: "message-files edited-files", "aria-label": t("question.files") })

  /** @param {Attachment[]} files */
  constructor(files) {
    super()
    this.kept = files
    this.hidden = !files.length
    this.#list.append(...files.map((one) => this.#item(one)))
  }

  connectedCallback() {
    if (!this.firstChild) this.append(this.#list)
  }

  /** @param {Attachment} one */
  #item(one) {
    const remove = iconButton("close", t("files.remove"), () => this.#remove(one, item))
    remove.setAttribute("aria-label", t("files.labelled", { label: t("files.remove"), name: one.name }))
    const look = isPicture(one.type) ? h("img", { src: addressOf(one), alt: "", class: "small-picture" }) : icon("file")
    const item = h("li", {}, look, h("span", { dir: "auto" }, one.name), remove)
    return item
  }

  /** @param {Attachment} one @param {HTMLElement} item */
  #remove(one, item) {
    const next = item.nextElementSibling ?? item.previousElementSibling
    this.kept = this.kept.filter((each) => each !== one)
    item.remove()
    this.hidden = !this.kept.length
    const focused = next?.querySelector("button") ?? this.parentElement?.querySelector("textarea")
    focused?.focus()
  }
}

customElements.define("edited-files", EditedFiles)
