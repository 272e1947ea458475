/** @file A form that signs somebody in: what is wrong stands in it, and it waits where the server wants that. */

import { markField, tellFields } from "../dom/form-fields.js"
import { h } from "../dom/h.js"
import { explained } from "../lib/problems.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/session-api.js").SessionState} SessionState @typedef {import("../lib/api.js").ApiError} ApiError */
/**
 * @typedef {object} Entry
 * @property {HTMLElement[]} fields
 * @property {Record<string, HTMLInputElement>} inputs by the names that the server has for them
 * @property {string} label of the button
 * @property {string} wrong what to say where the server finds it wrong
 * @property {() => Promise<SessionState>} send
 */

/** Emits `entered` with the new state, which bubbles. */
export class EnterForm extends HTMLElement {
  #problem = h("p", { class: "enter-problem", role: "alert" })
  #button = h("button", { type: "submit", class: "button main-button enter-button" })
  #form = h("form", { class: "enter-fields", novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) })
  /** @type {Entry|null} */
  #entry = null
  #busy = false
  #free = 0 // when it may be tried again, in milliseconds
  #timer = 0

  /** @param {Entry} entry */
  show(entry) {
    this.#entry = entry
    this.#button.textContent = entry.label
    this.#form.replaceChildren(...entry.fields, this.#problem, this.#button)
    this.#form.addEventListener("input", () => this.#forget())
    this.append(this.#form)
  }

  disconnectedCallback() {
    clearInterval(this.#timer)
  }

  /** @param {string} text */
  tell(text) {
    this.#problem.textContent = text
  }

  /** To what is still to be typed. */
  focus() {
    const inputs = Object.values(this.#entry?.inputs ?? {})
    const next = inputs.find(({ value }) => !value) ?? inputs.at(-1)
    next?.focus()
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    const { inputs, send } = /** @type {Entry} */ (this.#entry)
    if (this.#busy || this.#waits) return
    const empty = Object.values(inputs).find(({ value }) => !value.trim())
    if (empty) return empty.focus()
    this.#setBusy(true)
    this.#forget()
    try {
      this.dispatchEvent(new CustomEvent("entered", { detail: await send(), bubbles: true }))
    } catch (error) {
      this.#setBusy(false)
      this.#explain(/** @type {ApiError} */ (error))
    }
  }

  #forget() {
    if (!this.#waits) this.tell("")
    for (const input of Object.values(this.#entry?.inputs ?? {})) markField(input, "")
  }

  /** @param {ApiError} error */
  #explain(error) {
    const { inputs, wrong } = /** @type {Entry} */ (this.#entry)
    const { field, text } = tellFields(inputs, error)
    if (field) {
      markField(field, explained({ code: `wrong-${field.name}`, message: text }).text)
      return field.focus()
    }
    const last = Object.values(inputs).at(-1)
    if (error.code === "too-many-attempts") this.#wait(error.wait ?? 1)
    this.tell(error.code === "login-failed" ? wrong : error.code === "too-many-attempts" ? t("enter.tooMany") : explained(error).text)
    last?.focus()
    if (error.code === "login-failed") last?.select()
  }

  get #waits() {
    return Date.now() < this.#free
  }

  /** The seconds are counted on the button, where they are not read out each time. @param {number} seconds */
  #wait(seconds) {
    this.#free = Date.now() + seconds * 1000
    clearInterval(this.#timer)
    this.#timer = setInterval(() => this.#count(), 250)
    this.#count()
  }

  #count() {
    const seconds = Math.ceil((this.#free - Date.now()) / 1000)
    const waits = seconds > 0
    this.#button.setAttribute("aria-disabled", String(waits))
    this.#button.textContent = waits ? t("enter.wait", { seconds }) : this.#entry?.label ?? ""
    if (waits) return
    clearInterval(this.#timer)
    this.tell("")
  }

  /** It keeps its size, and the focus. @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy
    this.#button.setAttribute("aria-disabled", String(busy))
    this.#form.setAttribute("aria-busy", String(busy))
    this.#button.textContent = busy ? t("enter.busy") : this.#entry?.label ?? ""
  }
}

customElements.define("enter-form", EnterForm)
