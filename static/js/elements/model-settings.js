/** @file The settings of the models: which are favourites, which are hidden, what they can and cost. */

import { h } from "../dom/h.js"
import { models as readModels } from "../lib/api.js"
import { hasAll, wordsOf } from "../lib/filter.js"
import { placesOf } from "../lib/model-files.js"
import { t } from "../lib/t.js"
import { endpointName } from "../lib/words.js"
import { modelNotes } from "../state/model-notes.js"
import "./model-note.js"

/** @typedef {import("./model-note.js").ModelNoteRow} ModelNoteRow */

const MOST_SHOWN = 100

export class ModelSettings extends HTMLElement {
  #filter = h("input", { type: "search", class: "field model-search", "aria-label": t("choose.filter"), placeholder: t("choose.filter"),
    autocomplete: "off", spellcheck: "false", dir: "auto", oninput: () => this.#show() })
  #told = h("p", { class: "numbers-told", role: "status" })
  #list = h("div", { class: "model-notes" })
  /** @type {import("../types.js").Models|null} */
  #models = null
  /** @type {Record<string, import("../types.js").ModelNote>} */
  #notes = {}
  /** @type {Map<string, ModelNoteRow>} */
  #rows = new Map()
  /** @type {ModelNoteRow[]} */
  #listed = []

  connectedCallback() {
    if (this.firstChild) return
    this.append(h("p", { class: "section-text" }, t("models.text")), this.#filter, this.#told, this.#list)
    this.addEventListener("models-changed", () => this.shown())
  }

  /** Read when it comes into view. */
  async shown() {
    try {
      [this.#models, this.#notes] = await Promise.all([readModels(), modelNotes()])
    } catch (error) {
      this.#told.textContent = /** @type {Error} */ (error).message
      return
    }
    this.#show()
  }

  #show() {
    const { data, endpoints } = this.#models ?? { data: [], endpoints: [] }
    const words = wordsOf(this.#filter.value)
    const found = data.filter(({ id, endpoint }) => hasAll(`${id} ${endpoint}`, words))
    const shown = found.slice(0, MOST_SHOWN)
    const groups = placesOf(endpoints, shown).map(([endpoint, models]) => /** @type {const} */ ([endpointName(endpoint),
      models.map((one) => this.#row(one))])).filter(([, rows]) => rows.length)
    const listed = groups.flatMap(([, rows]) => rows)
    const same = listed.length === this.#listed.length && listed.every((one, index) => one === this.#listed[index])
    this.#listed = listed
    // The focus may be in one of them, and would be lost if they were moved.
    if (!same || !shown.length) this.#list.replaceChildren(...groups.map(([name, rows]) => h("section", {}, h("h3", {}, name), ...rows)))
    this.#told.textContent = found.length > shown.length ? t("models.more", { count: shown.length, all: found.length })
      : found.length ? "" : t("choose.count", { count: 0 })
  }

  /** The same element as before: it may be open. @param {import("../types.js").Model} model */
  #row(model) {
    const key = `${model.endpoint} ${model.id}`
    const element = this.#rows.get(key) ?? /** @type {ModelNoteRow} */ (document.createElement("model-note"))
    this.#rows.set(key, element)
    element.show(model, this.#notes[model.id] ?? {})
    return element
  }
}

customElements.define("model-settings", ModelSettings)
