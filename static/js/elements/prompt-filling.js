/** @file Asks what is to stand in the places of a prompt. Loaded when one has some. */

import { h, iconButton } from "../dom/h.js"
import { t } from "../lib/t.js"
import { filled, variablesOf } from "../lib/variables.js"

export class PromptFilling extends HTMLElement {
  #title = h("h2", { id: "filling-title", dir: "auto" })
  #fields = h("div", { class: "filling-fields" })
  #dialog = h("dialog", { class: "dialog prompts-dialog", "aria-labelledby": "filling-title" },
    h("div", { class: "dialog-head" }, this.#title, iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    h("form", { class: "prompt-form", method: "dialog" }, this.#fields,
      h("div", { class: "dialog-foot" },
        h("button", { type: "button", class: "button", onclick: () => this.#dialog.close() }, t("dialog.cancel")),
        h("button", { type: "submit", value: "yes", class: "button main-button" }, t("prompts.insert")))))

  connectedCallback() {
    if (!this.firstChild) this.append(this.#dialog)
  }

  /** @param {{name: string, text: string}} prompt @returns {Promise<string|null>} the text; null: it is not wanted any more */
  async ask({ name, text }) {
    const variables = variablesOf(text, new Date())
    if (!variables.length) return text
    const fields = variables.map(({ name, value }) => {
      const field = h("textarea", { class: "field", rows: "1", dir: "auto", onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event) })
      field.value = value
      this.#grow(field)
      field.addEventListener("input", () => this.#grow(field))
      return { name, field }
    })
    this.#title.textContent = name
    this.#fields.replaceChildren(...fields.map(({ name, field }) => h("label", {}, h("span", { dir: "auto" }, name), field)))
    this.#dialog.returnValue = ""
    this.#dialog.showModal()
    fields[0]?.field.select()
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => {
        const values = Object.fromEntries(fields.map(({ name, field }) => [name, field.value]))
        resolve(this.#dialog.returnValue === "yes" ? filled(text, values) : null)
      }, { once: true })
    })
  }

  /** @param {HTMLTextAreaElement} field */
  #grow(field) {
    field.rows = Math.min(8, field.value.split("\n").length)
  }

  /** Enter goes on, as in a line; Shift+Enter breaks it. @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return
    event.preventDefault()
    const fields = [...this.#fields.querySelectorAll("textarea")]
    const next = fields[fields.findIndex((one) => one === event.target) + 1]
    if (next) next.select()
    else this.#dialog.querySelector("form")?.requestSubmit(this.#dialog.querySelector("[type=submit]"))
  }
}

customElements.define("prompt-filling", PromptFilling)
