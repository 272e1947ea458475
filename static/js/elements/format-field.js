/** @file In which form a model answers: as text, as JSON, or as JSON that a schema describes. Emits `edited`. */

import { choices } from "../dom/fields.js"
import { h } from "../dom/h.js"
import { newSchema, objectIn, placeOfMistake } from "../lib/setting-fields.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/chat-settings.js").Format} Format */

const NAME = /^[A-Za-z0-9_.:-]{1,64}$/

export class FormatField extends HTMLElement {
  #kind = ""
  #kinds = choices("format", t("setup.response_format"), [["", t("setup.standard")], ["text", t("setup.text")], ["json_object", t("setup.json")], ["json_schema", t("setup.schema")]],
    (kind) => this.#choose(kind))
  #name = h("input", { class: "field", autocomplete: "off", spellcheck: "false", value: "answer", maxlength: "64" })
  #schema = h("textarea", { class: "field code-field", rows: "9", spellcheck: "false", autocomplete: "off", dir: "ltr" })
  #strict = h("input", { type: "checkbox", checked: true })
  #editor = h("div", { class: "schema-editor", hidden: true },
    h("label", {}, t("setup.schemaName"), this.#name), h("label", {}, t("setup.schemaText"), this.#schema),
    h("label", { class: "check" }, this.#strict, t("setup.strict")))

  connectedCallback() {
    if (!this.firstChild) this.append(this.#kinds, this.#editor)
  }

  /** @param {Format|undefined} format */
  set value(format) {
    this.#kind = format?.type ?? ""
    for (const radio of this.#kinds.querySelectorAll("input")) radio.checked = radio.value === this.#kind
    const wanted = format?.type === "json_schema" ? format.json_schema : null
    this.#name.value = wanted?.name ?? "answer"
    this.#schema.value = wanted ? JSON.stringify(wanted.schema ?? {}, null, 2) : ""
    this.#strict.checked = wanted?.strict ?? true
    this.#editor.hidden = !wanted
  }

  /** Throws an Error with a text for people. @returns {Format|undefined} */
  read() {
    if (this.#kind === "text" || this.#kind === "json_object") return { type: this.#kind }
    if (this.#kind !== "json_schema") return undefined
    if (!NAME.test(this.#name.value)) throw new Error(t("setup.badName"))
    return { type: "json_schema", json_schema: { name: this.#name.value, schema: this.#read(), strict: this.#strict.checked } }
  }

  /** What is marked where something is wrong. */
  get fields() {
    return [this.#schema]
  }

  #read() {
    const text = this.#schema.value
    try {
      return objectIn(text) ?? {}
    } catch (error) {
      throw new Error(mistakeIn(text, error), { cause: error })
    }
  }

  /** @param {string} kind */
  #choose(kind) {
    this.#kind = kind
    this.#editor.hidden = kind !== "json_schema"
    if (kind === "json_schema" && !this.#schema.value) this.#schema.value = newSchema()
    this.dispatchEvent(new Event("input", { bubbles: true }))
  }
}

/** For people. @param {string} text that should be a JSON object @param {unknown} error */
export function mistakeIn(text, error) {
  const place = placeOfMistake(text, error)
  return place ? t("setup.notJson", place) : t("setup.noJson")
}

customElements.define("format-field", FormatField)
