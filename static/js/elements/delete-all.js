/** @file Deletes all chats, after it was said what goes and a word was typed. */

import { h } from "../dom/h.js"
import { removeAll } from "../lib/conversations-api.js"
import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"

export class DeleteAll extends HTMLElement {
  #word = t("everything.word")
  #begin = h("button", { type: "button", class: "button danger-button", onclick: () => this.#ask() }, t("everything.begin"))
  #input = h("input", { id: "everything-word", class: "field", autocomplete: "off", autocapitalize: "off", spellcheck: "false", oninput: () => this.#check() })
  #go = h("button", { type: "submit", class: "button danger-button", disabled: true }, t("everything.go"))
  #form = h("form", { class: "everything-form", hidden: true, onsubmit: (/** @type {Event} */ event) => this.#remove(event) },
    h("label", { for: "everything-word" }, t("everything.type", { word: this.#word })), this.#input,
    h("div", { class: "everything-foot" },
      h("button", { type: "button", class: "button", onclick: () => this.#end() }, t("dialog.cancel")), this.#go))
  #told = h("p", { role: "status" })

  connectedCallback() {
    if (this.firstChild) return
    this.append(h("h3", { id: "everything-title" }, t("everything.title")), h("p", { class: "everything-text" }, t("everything.text")),
      this.#begin, this.#form, this.#told)
  }

  #ask() {
    this.#begin.hidden = true
    this.#form.hidden = false
    this.#told.textContent = ""
    this.#input.value = ""
    this.#check()
    this.#input.focus()
  }

  #check() {
    this.#go.disabled = this.#input.value.trim().toLowerCase() !== this.#word
  }

  #end() {
    this.#form.hidden = true
    this.#begin.hidden = false
    this.#begin.focus()
  }

  /** @param {Event} event */
  async #remove(event) {
    event.preventDefault()
    if (this.#go.disabled) return
    this.#go.disabled = true // once is enough
    this.#told.textContent = t("everything.running")
    try {
      const { changed } = await removeAll()
      this.#told.textContent = t("everything.done", { count: changed })
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
    this.#end()
  }
}

customElements.define("delete-all", DeleteAll)
