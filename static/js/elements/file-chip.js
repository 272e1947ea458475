/** @file One file of a message that is being written: how far it is, and what can be done with it. */

import { h, icon, iconButton } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { addressOf } from "../lib/files-api.js"
import { isPicture } from "../lib/files.js"
import { t } from "../lib/t.js"
import { fileSize } from "../lib/words.js"

/** @typedef {import("../state/attaching.js").Attached} Attached */

/** Emits `file-remove`, `file-retry` and `file-to-text` with its key. */
export class FileChip extends HTMLElement {
  #look = h("span", { class: "file-look" })
  #name = h("span", { class: "file-name", dir: "auto" })
  #said = h("small", { class: "file-said" })
  #progress = h("progress", { max: 1, hidden: true })
  #undo = h("button", { type: "button", class: "link-button", hidden: true, onclick: () => this.#emit("file-to-text", this.#key) }, t("files.toText"))
  #retry = iconButton("again", t("files.retry"), () => this.#emit("file-retry", this.#key))
  #remove = iconButton("close", t("files.remove"), () => this.#emit("file-remove", this.#key))
  #emit = emitter(this)
  #key = 0
  #shown = ""

  connectedCallback() {
    if (this.firstChild) return
    this.setAttribute("role", "listitem")
    this.append(this.#look, h("span", { class: "file-words" }, this.#name, this.#said, this.#undo), this.#retry, this.#remove, this.#progress)
  }

  /** @param {Attached} one */
  show(one) {
    const { key, name, step, part, problem, text } = one
    this.#key = key
    this.dataset.step = step
    this.#progress.hidden = step !== "sending"
    this.#progress.value = part
    const now = [name, step, problem].join()
    if (now === this.#shown) return
    this.#shown = now
    this.#name.textContent = name
    this.#name.title = name
    this.#said.textContent = said(one)
    this.#undo.hidden = text === null || step === "failed"
    this.#retry.hidden = step !== "failed" || !one.again
    for (const [button, label] of /** @type {[HTMLElement, string][]} */ ([[this.#retry, t("files.retry")], [this.#remove, t("files.remove")], [this.#progress, t("files.sending")]])) {
      button.setAttribute("aria-label", t("files.labelled", { label, name }))
    }
    if (!this.#look.firstChild) this.#look.append(this.#picture(one) ?? icon("file"))
  }

  /** @param {Attached} one */
  #picture({ picture, stored, type }) {
    const src = picture ?? (stored && isPicture(type) ? addressOf(stored) : null)
    if (!src) return null
    const image = h("img", { src, alt: "", draggable: "false" })
    image.onerror = () => image.replaceWith(icon("file"))
    return image
  }

  focus() {
    this.#remove.focus()
  }
}

/** @param {Attached} one */
function said({ step, size, problem }) {
  if (step === "failed") return problem
  if (step === "there") return fileSize(size)
  return step === "sending" ? t("files.sending") : t("files.waiting")
}

customElements.define("file-chip", FileChip)
