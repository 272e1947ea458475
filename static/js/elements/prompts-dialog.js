/** @file The texts that are kept to be used again: added, changed, deleted. */

import { h, iconButton } from "../dom/h.js"
import { inOneLine } from "../lib/problems.js"
import { LONGEST_NAME, LONGEST_TEXT, saved } from "../lib/prompts.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { prompts } from "../state/prompts.js"

/** @typedef {import("../lib/prompts.js").Prompt} Prompt */

export class PromptsDialog extends HTMLElement {
  #title = h("h2", { id: "prompts-title", tabindex: "-1" }, t("prompts.title"))
  #empty = h("p", { class: "prompts-empty" }, t("prompts.empty"))
  #list = h("ul", { class: "kept-prompts", "aria-label": t("prompts.kept") })
  #name = h("input", { class: "field", required: true, maxlength: LONGEST_NAME, autocomplete: "off", dir: "auto" })
  #text = h("textarea", { class: "field", required: true, maxlength: LONGEST_TEXT, rows: "4", dir: "auto" })
  #heading = h("h3", {}, t("prompts.add"))
  #problem = h("p", { class: "prompts-problem", role: "alert" })
  #dialog = h("dialog", { class: "dialog prompts-dialog", "aria-labelledby": "prompts-title", onclick: (/** @type {Event} */ event) => this.#onOutside(event) },
    h("div", { class: "dialog-head" }, this.#title, iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    this.#empty, this.#list,
    h("form", { class: "prompt-form", onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) }, this.#heading,
      h("label", {}, t("prompts.name"), this.#name), h("label", {}, t("prompts.text"), this.#text), this.#problem,
      h("div", { class: "dialog-foot" }, h("button", { type: "submit", class: "button main-button" }, t("editor.save")))))
  /** @type {string|null} the name of the one that is being changed */
  #changed = null

  connectedCallback() {
    if (this.firstChild) return
    this.append(this.#dialog)
    effect(() => this.#show(prompts.all.get() ?? []))
  }

  /** @param {string} text that may be worth keeping */
  open(text) {
    if (this.#dialog.open) return
    this.#edit(null, { name: "", text })
    this.#dialog.showModal()
    this.#title.focus()
    this.#attempt(prompts.load())
  }

  /** @param {Prompt[]} all */
  #show(all) {
    this.#empty.hidden = all.length > 0
    this.#list.replaceChildren(...all.map((one) => h("li", {},
      h("span", { class: "prompt-words" }, h("strong", { dir: "auto" }, one.name), h("small", { dir: "auto" }, one.text.slice(0, 200))),
      this.#button("edit", t("message.edit"), one, () => [this.#edit(one.name, one), this.#name.focus()]),
      this.#button("trash", t("delete.go"), one, () => this.#remove(one)))))
  }

  /** @param {Parameters<typeof iconButton>[0]} name @param {string} label @param {Prompt} one @param {() => void} deed */
  #button(name, label, one, deed) {
    const button = iconButton(name, label, deed)
    button.setAttribute("aria-label", t("files.labelled", { label, name: one.name }))
    return button
  }

  /** @param {string|null} changed @param {Prompt} prompt */
  #edit(changed, { name, text }) {
    this.#changed = changed
    this.#heading.textContent = t(changed === null ? "prompts.add" : "prompts.change")
    this.#name.value = name
    this.#text.value = text
    this.#problem.textContent = ""
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    const prompt = { name: this.#name.value.trim(), text: this.#text.value }
    if (!prompt.name || !prompt.text.trim()) return
    const changed = this.#changed
    if (!await this.#attempt(prompts.change((all) => saved(all, prompt, changed)))) return
    this.#edit(null, { name: "", text: "" })
    this.#name.focus()
  }

  /** @param {Prompt} gone */
  async #remove(gone) {
    this.#title.focus() // the button goes
    if (this.#changed === gone.name) this.#edit(null, { name: "", text: "" })
    await this.#attempt(prompts.change((all) => all.filter(({ name }) => name !== gone.name)))
  }

  /** @param {Promise<void>} work @returns {Promise<boolean>} whether it is done; else it is told why not */
  #attempt(work) {
    return work.then(() => true, (error) => {
      this.#problem.textContent = inOneLine(error)
      return false
    })
  }

  /** @param {Event} event */
  #onOutside({ target }) {
    if (target === this.#dialog) this.#dialog.close()
  }
}

customElements.define("prompts-dialog", PromptsDialog)
