/** @file The models that are files of this computer: they come in, are chosen, and go again. */

import { takeFiles } from "../dom/file-drop.js"
import { h, icon } from "../dom/h.js"
import { removeModel } from "../lib/models-api.js"
import { inOneLine } from "../lib/problems.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { ModelUpload } from "../state/model-upload.js"
import { modelRow, refusedRow } from "./model-rows.js"
import "./model-upload.js"

/** @typedef {import("../state/catalogue.js").Catalogue} Catalogue */
/** @typedef {import("./model-upload.js").ModelUploadElement} ModelUploadElement */

const LOOK_MILLISECONDS = 3000 // while the panel is in view

export class LocalSettings extends HTMLElement {
  #input = h("input", { type: "file", id: "model-input", class: "visually-hidden", multiple: true, accept: ".gguf" })
  #folder = h("small", {})
  #drop = h("label", { class: "drop", for: "model-input" }, icon("plus"),
    h("span", {}, h("strong", {}, t("local.add")), ` ${t("data.drop")}`), this.#folder)
  #uploads = h("div", { class: "import-files" })
  #files = h("ul", { class: "model-files" })
  #refused = h("ul", { class: "model-files" })
  #told = h("p", { class: "models-told", role: "status" })
  #parts = [
    h("section", { "aria-label": t("local.add") }, this.#input, this.#drop, this.#uploads),
    h("section", { "aria-labelledby": "files-title" }, h("h3", { id: "files-title" }, t("local.here")), this.#files, this.#told),
    h("section", { "aria-labelledby": "refused-title", hidden: true }, h("h3", { id: "refused-title" }, t("local.refused")), this.#refused),
  ]
  /** @type {Catalogue|null} */
  #catalogue = null
  #line = Promise.resolve()
  #shown = ""
  #end = () => {}
  #timer = 0

  connectedCallback() {
    if (this.firstChild) return
    this.append(...this.#parts)
    this.addEventListener("file-gone", (event) => this.#forget(/** @type {HTMLElement} */ (event.target)))
    takeFiles(this, this.#input, this.#drop, (files) => this.add(files))
  }

  disconnectedCallback() {
    this.#end()
    clearInterval(this.#timer)
  }

  /** @param {Catalogue} catalogue */
  watch(catalogue) {
    this.#catalogue = catalogue
    this.#end = effect(() => this.#show(catalogue))
    this.#timer = setInterval(() => this.checkVisibility() && !document.hidden && catalogue.reread(), LOOK_MILLISECONDS)
  }

  /** It comes into view: see what is in the folder now. */
  shown() {
    this.#catalogue?.reread()
  }

  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      const upload = new ModelUpload(file)
      const element = /** @type {ModelUploadElement} */ (document.createElement("model-upload"))
      element.watch(upload)
      this.#uploads.append(element)
      // One at a time: two would only share the same disk.
      this.#line = this.#line.then(() => upload.run()).then(() => this.#onOver(upload, element))
    }
  }

  /** @param {ModelUpload} upload @param {ModelUploadElement} element */
  #onOver({ model }, element) {
    if (!model) return
    this.#told.textContent = t("local.added", { name: model.id })
    if (element.contains(document.activeElement)) this.#input.focus()
    element.remove()
    return this.#catalogue?.reread()
  }

  /** @param {HTMLElement} element */
  #forget(element) {
    element.remove()
    this.#input.focus()
  }

  /** @param {Catalogue} catalogue */
  #show(catalogue) {
    const { data, local } = catalogue.models.get()
    const current = catalogue.current()?.id
    const models = data.filter((one) => one.file)
    const refused = local?.refused ?? []
    this.#folder.textContent = local ? t("local.folder", { folder: local.folder }) : ""
    const shown = JSON.stringify([models, refused, current])
    if (shown === this.#shown) return
    this.#shown = shown
    const held = document.activeElement instanceof HTMLElement && this.contains(document.activeElement) ? document.activeElement.dataset.deed : null
    const deeds = { use: (/** @type {string} */ id) => catalogue.choose(id), remove: (/** @type {string} */ file) => this.#remove(file) }
    this.#files.replaceChildren(...models.map((one) => modelRow(one, one.id === current, deeds)))
    if (!models.length) this.#files.append(h("li", { class: "models-none" }, t("local.none")))
    this.#refused.replaceChildren(...refused.map((one) => refusedRow(one, deeds)))
    this.#refused.closest("section")?.toggleAttribute("hidden", !refused.length)
    if (held) /** @type {HTMLElement} */ (this.querySelector(`[data-deed="${CSS.escape(held)}"]`) ?? this.#input).focus()
  }

  /** @param {string} file */
  async #remove(file) {
    const dialog = /** @type {import("./confirm-dialog.js").ConfirmDialog} */ (document.querySelector("confirm-dialog"))
    if (!await dialog.ask(t("local.removeTitle"), t("local.removeText", { file }), t("local.removeGo"))) return
    try {
      await removeModel(file)
      this.#told.textContent = t("local.removed", { file })
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {import("../lib/api.js").ApiError} */ (error))
    }
    await this.#catalogue?.reread()
  }
}

customElements.define("local-settings", LocalSettings)
