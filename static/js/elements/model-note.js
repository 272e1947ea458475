/** @file One model in the settings: what it can, what it costs, and what is noted of it by hand. */

import { row, select, toggle } from "../dom/fields.js"
import { h } from "../dom/h.js"
import { t } from "../lib/t.js"
import { abilitiesOf } from "../lib/words.js"
import { noteModel } from "../state/model-notes.js"

/** @typedef {import("../types.js").Model} Model @typedef {import("../types.js").ModelNote} ModelNote */
/** @typedef {import("../types.js").Price} Price */

const ABILITIES = /** @type {const} */ (["vision", "tools", "reasoning"])
const PRICES = /** @type {const} */ (["prompt", "cached", "completion"])

/** Emits `models-changed` when something else is noted. */
export class ModelNoteRow extends HTMLElement {
  #name = h("span", { class: "note-name", dir: "auto" })
  #facts = h("small", { class: "note-facts" })
  #problem = h("p", { class: "setting-problem", role: "status" })
  #fields = h("div", { class: "note-fields" })
  #details = h("details", { class: "model-note", ontoggle: () => this.#fill() }, h("summary", {}, h("span", { class: "note-head" }, this.#name, this.#facts)), this.#fields)
  /** @type {ModelNote} */
  #note = {}
  #model = /** @type {Model|null} */ (null)

  connectedCallback() {
    if (!this.firstChild) this.append(this.#details)
  }

  /** @param {Model} model @param {ModelNote} note */
  show(model, note) {
    this.#model = model
    this.#note = note
    this.#name.textContent = model.id
    this.#facts.textContent = [note.hidden && t("models.isHidden"), ...abilitiesOf(model)].filter(Boolean).join(" · ")
    this.toggleAttribute("data-favourite", !!note.favourite)
  }

  /** Only when it is opened: there may be hundreds. */
  #fill() {
    const model = this.#model
    if (!model || !this.#details.open || this.#fields.firstChild) return
    this.#fields.append(
      row(t("models.favourite"), t("models.favouriteText"), this.#switch("favourite")),
      row(t("models.hidden"), t("models.hiddenText"), this.#switch("hidden")),
      row(t("models.window"), t("models.windowText"), this.#windowField(model)),
      ...ABILITIES.map((name) => row(t(`models.${name}`), "", this.#ability(name))),
      h("div", { class: "prices", role: "group", "aria-label": t("models.price") }, h("span", {}, t("models.price"), h("small", {}, t("models.priceText"))),
        ...PRICES.map((name) => h("label", {}, t(`models.${name}`), this.#priceField(name, model)))),
      this.#problem)
  }

  /** @param {"favourite"|"hidden"} name */
  #switch(name) {
    const field = toggle((on) => this.#save({ [name]: on }))
    field.checked = !!this.#note[name]
    return field
  }

  /** @param {typeof ABILITIES[number]} name */
  #ability(name) {
    const field = select([["", t("models.asTold")], ["yes", t("models.yes")], ["no", t("models.no")]],
      (value) => this.#save({ [name]: value ? value === "yes" : null }))
    const noted = this.#note[name]
    field.value = noted == null ? "" : noted ? "yes" : "no"
    return field
  }

  /** @param {Model} model */
  #windowField(model) {
    const field = h("input", { type: "number", class: "field", min: "2", step: "1", inputmode: "numeric", placeholder: model.context_window ? String(model.context_window) : "",
      onchange: () => field.validity.valid && this.#save({ context_window: field.value ? Number(field.value) : null }) })
    field.value = this.#note.context_window ? String(this.#note.context_window) : ""
    return field
  }

  /** @param {typeof PRICES[number]} name @param {Model} model */
  #priceField(name, model) {
    const told = model.price?.[name]
    const field = h("input", { type: "number", class: "field", name, min: "0", step: "any", inputmode: "decimal", placeholder: told == null ? "" : String(told),
      onchange: () => field.validity.valid && this.#savePrice() })
    const noted = this.#note.price?.[name]
    field.value = noted == null ? "" : String(noted)
    return field
  }

  /** A price has both parts, or is none. */
  #savePrice() {
    const [prompt, cached, completion] = PRICES.map((name) => {
      const { value } = /** @type {HTMLInputElement} */ (this.#fields.querySelector(`input[name="${name}"]`))
      return value === "" ? null : Number(value)
    })
    if (prompt === null && completion === null) this.#save({ price: null })
    else if (prompt === null || completion === null) this.#problem.textContent = t("models.priceHalf")
    else this.#save({ price: { prompt, cached, completion } })
  }

  /** @param {ModelNote} changes */
  async #save(changes) {
    if (!this.#model) return
    try {
      await noteModel(this.#model.id, changes)
      this.#problem.textContent = t("models.saved")
      this.dispatchEvent(new CustomEvent("models-changed", { bubbles: true }))
    } catch (error) {
      this.#problem.textContent = /** @type {Error} */ (error).message
    }
  }
}

customElements.define("model-note", ModelNoteRow)
