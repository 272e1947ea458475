/** @file Sets an endpoint up, or changes one; it can be tried before it is saved. */

import { formField, markField, tellFields, textField } from "../dom/form-fields.js"
import { h } from "../dom/h.js"
import { KNOWN, isSameServer, keptKey } from "../lib/endpoint-words.js"
import { tryOut } from "../lib/endpoints-api.js"
import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { EndpointMore } from "./endpoint-more.js"
import { EndpointVerdict } from "./endpoint-verdict.js"

/** @typedef {import("../lib/endpoints-api.js").Endpoint} Endpoint @typedef {import("../lib/endpoints-api.js").Changes} Changes */

/** Emits `form-done` when it is to be left. */
export class EndpointForm extends HTMLElement {
  #heading = h("h3", { tabindex: "-1" })
  #url = textField({ type: "url", inputmode: "url", required: true, placeholder: KNOWN[0], list: "known-endpoints", oninput: () => this.#onAddress() })
  #key = textField({ type: "password", autocomplete: "new-password", oninput: () => this.#onAddress() })
  #keyNote = h("small", { class: "field-note" })
  #forget = h("button", { type: "button", class: "button small-button", onclick: () => [this.#keyGone = true, this.#onAddress(), this.#key.focus()] }, t("ep.removeKey"))
  #name = textField({ maxlength: 100, dir: "auto" })
  #model = textField({ maxlength: 200, list: "endpoint-models" })
  #models = h("datalist", { id: "endpoint-models" })
  #more = new EndpointMore()
  #verdict = new EndpointVerdict()
  #problem = h("p", { class: "endpoint-problem", role: "alert" })
  #save = h("button", { type: "submit", class: "button main-button" }, t("editor.save"))
  #test = h("button", { type: "button", class: "button", onclick: () => this.#try() }, t("ep.test"))
  /** @type {Record<string, HTMLInputElement>} */
  #fields = { base_url: this.#url, key: this.#key, name: this.#name, model: this.#model, ...this.#more.fields }
  #keyGone = false
  /** @type {Endpoint|null} the one that is changed */
  #endpoint = null
  /** @type {(id: string|null, changes: Changes) => Promise<void>} */
  save = async () => {}

  connectedCallback() {
    if (this.firstChild) return
    this.append(h("form", { class: "endpoint-form", novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) },
      this.#heading,
      formField(t("ep.address"), this.#url, t("ep.addressText"), h("datalist", { id: "known-endpoints" }, ...KNOWN.map((value) => h("option", { value })))),
      formField(t("ep.key"), this.#key, this.#keyNote, this.#forget),
      formField(t("prompts.name"), this.#name, t("ep.nameText")),
      formField(t("ep.model"), this.#model, t("ep.modelText"), this.#models),
      this.#more, this.#verdict, this.#problem,
      h("div", { class: "dialog-foot" }, this.#test, h("button", { type: "button", class: "button", onclick: () => this.#leave() }, t("dialog.cancel")), this.#save)))
    this.addEventListener("suggested", (event) => this.#takeAddress(/** @type {CustomEvent} */ (event).detail))
  }

  /** @param {Endpoint|null} endpoint null: a new one */
  open(endpoint) {
    this.#endpoint = endpoint
    this.#keyGone = false
    this.#heading.textContent = endpoint ? t("ep.change", { name: endpoint.name }) : t("ep.add")
    this.#url.value = endpoint?.base_url ?? ""
    this.#key.value = ""
    this.#name.value = endpoint?.name ?? ""
    this.#model.value = endpoint?.model ?? ""
    this.#models.replaceChildren()
    this.#more.show(endpoint)
    this.#verdict.clear()
    this.#tell(null)
    this.#onAddress()
    const start = endpoint ? this.#heading : this.#url
    start.focus()
  }

  /** What becomes of the key that is kept. */
  #onAddress() {
    const { key, base_url: before = "" } = this.#endpoint ?? {}
    const same = isSameServer(before, this.#url.value)
    const stays = Boolean(key?.set) && same && !this.#keyGone
    this.#forget.hidden = !stays
    this.#key.placeholder = key && stays ? keptKey(key) : ""
    this.#keyNote.textContent = this.#key.value ? "" : stays ? t("ep.keepKey") : key?.set && !same ? t("ep.otherServer") : key?.set ? t("ep.keyGone") : t("ep.keyText")
  }

  /** @param {string} address */
  #takeAddress(address) {
    this.#url.value = address
    this.#onAddress()
    this.#test.focus() // the button goes
    this.#try()
  }

  /** @returns {Changes} */
  get #changes() {
    /** @type {Changes} */
    const changes = { base_url: this.#url.value.trim(), model: this.#model.value.trim(), ...this.#more.changes }
    if (this.#name.value.trim()) changes.name = this.#name.value.trim()
    if (this.#key.value.trim()) changes.key = this.#key.value.trim()
    else if (this.#keyGone) changes.key = null
    return changes
  }

  async #try() {
    if (!this.#isFilled()) return
    const verdict = await this.#attempt(this.#verdict.show(tryOut(this.#endpoint?.id ?? null, this.#changes)))
    if (verdict) this.#models.replaceChildren(...verdict.models.map((value) => h("option", { value })))
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    if (this.#save.disabled || !this.#isFilled()) return
    this.#save.disabled = true // once is enough
    const saved = await this.#attempt(this.save(this.#endpoint?.id ?? null, this.#changes).then(() => true))
    this.#save.disabled = false
    if (saved) this.#leave()
  }

  /** What the browser itself can see. */
  #isFilled() {
    this.#tell(null)
    const wrong = Object.values(this.#fields).find((field) => !field.checkValidity())
    if (wrong) this.#mark(wrong, wrong.validationMessage)
    return !wrong
  }

  /** @template T @param {Promise<T>} work @returns {Promise<T|null>} null: it is told why not */
  #attempt(work) {
    return work.catch((error) => (this.#tell(error), null))
  }

  /** @param {import("../lib/api.js").ApiError|null} error */
  #tell(error) {
    const { field, text } = tellFields(this.#fields, error)
    this.#problem.textContent = error && !field ? text || inOneLine(error) : ""
    if (field) this.#mark(field, text)
  }

  /** @param {HTMLInputElement} field @param {string} text */
  #mark(field, text) {
    if (this.#more.contains(field)) this.#more.reveal()
    markField(field, text)
    field.focus()
  }

  #leave() {
    this.#key.value = "" // it is nowhere on the page any more
    this.#more.show(null)
    this.#verdict.clear()
    this.dispatchEvent(new CustomEvent("form-done", { bubbles: true }))
  }
}

customElements.define("endpoint-form", EndpointForm)
