/** @file Asks for one of many models: typing narrows the list. Loaded when it is first wanted. */

import { h, icon, iconButton } from "../dom/h.js"
import { style } from "../dom/style.js"
import { hasAll, wordsOf } from "../lib/filter.js"
import { t } from "../lib/t.js"

await style("search")

export class ModelDialog extends HTMLElement {
  #input = h("input", { class: "search-input", type: "text", "aria-label": t("choose.filter"), placeholder: t("choose.filter"),
    autocomplete: "off", spellcheck: "false", enterkeyhint: "go", dir: "auto", oninput: () => this.#show(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onInputKey(event) })
  #list = h("div", { class: "model-rows", role: "group", "aria-label": t("model.label"),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event) })
  #count = h("p", { class: "model-count", role: "status" })
  #dialog = h("dialog", { class: "dialog search-dialog model-dialog", "aria-label": t("message.againWith") },
    h("div", { class: "search-head" }, icon("search"), this.#input, iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    h("div", { class: "search-room" }, this.#list), h("div", { class: "search-foot" }, this.#count))
  /** @type {string[]} */
  #models = []

  connectedCallback() {
    if (!this.firstChild) this.append(this.#dialog)
  }

  /** @param {string[]} models @returns {Promise<string|null>} the chosen one, if any */
  ask(models) {
    this.#models = models
    this.#input.value = ""
    this.#show()
    this.#dialog.returnValue = ""
    this.#dialog.showModal()
    this.#input.focus()
    return new Promise((resolve) => {
      this.#dialog.addEventListener("close", () => resolve(this.#dialog.returnValue || null), { once: true })
    })
  }

  /** Those in which every word that is typed occurs. */
  #show() {
    const words = wordsOf(this.#input.value)
    const found = this.#models.filter((model) => hasAll(model, words))
    this.#list.replaceChildren(...found.map((model) =>
      h("button", { type: "button", class: "menu-item", onclick: () => this.#dialog.close(model) }, h("span", { dir: "auto" }, model))))
    this.#count.textContent = t("choose.count", { count: found.length })
  }

  get #rows() {
    return [...this.#list.querySelectorAll("button")]
  }

  /** @param {KeyboardEvent} event */
  #onInputKey(event) {
    const [first] = this.#rows
    if (event.isComposing || !first || event.key !== "Enter" && event.key !== "ArrowDown") return
    event.preventDefault()
    if (event.key === "Enter") first.click()
    else first.focus()
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const rows = this.#rows
    const at = rows.findIndex((one) => one === document.activeElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key]
    if (next === undefined) return
    event.preventDefault()
    if (next < 0) this.#input.focus()
    else rows[Math.min(next, rows.length - 1)]?.focus()
  }
}

customElements.define("model-dialog", ModelDialog)
