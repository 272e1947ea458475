/** @file The texts that are kept to be used again: added, changed, deleted, brought from elsewhere and taken along. Loaded when it is first wanted. */

import { saveText } from "../dom/downloads.js"
import { h, iconButton } from "../dom/h.js"
import { inOneLine } from "../lib/problems.js"
import { exported, LONGEST_NAME, LONGEST_TEXT } from "../lib/prompts.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { prompts } from "../state/prompts.js"

/** @typedef {import("../lib/prompts.js").Prompt} Prompt */

const FILE_NAME = "llmchat-prompts.json"

export class PromptsDialog extends HTMLElement {
  #title = h("h2", { id: "prompts-title", tabindex: "-1" }, t("prompts.title"))
  #empty = h("p", { class: "prompts-empty" }, t("prompts.empty"))
  #list = h("ul", { class: "kept-prompts", "aria-label": t("prompts.kept") })
  #file = h("input", { type: "file", hidden: true, accept: ".json,application/json", "aria-label": t("prompts.import"), onchange: () => this.#onFile() })
  #export = h("button", { type: "button", class: "button", onclick: () => saveText(exported(prompts.all.get() ?? []), FILE_NAME) }, t("prompts.export"))
  #report = h("p", { class: "prompts-report", role: "status" })
  #name = h("input", { class: "field", required: true, maxlength: LONGEST_NAME, autocomplete: "off", dir: "auto" })
  #text = h("textarea", { class: "field", required: true, maxlength: LONGEST_TEXT, rows: "4", dir: "auto", "aria-describedby": "prompt-places" })
  #heading = h("h3", {}, t("prompts.add"))
  #problem = h("p", { class: "prompts-problem", role: "alert" })
  #dialog = h("dialog", { class: "dialog prompts-dialog", "aria-labelledby": "prompts-title", onclick: (/** @type {Event} */ event) => this.#onOutside(event) },
    h("div", { class: "dialog-head" }, this.#title, iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    this.#empty, this.#list,
    h("div", { class: "prompts-transfer" }, this.#report,
      h("button", { type: "button", class: "button", title: t("prompts.importText"), onclick: () => this.#file.click() }, t("prompts.import")), this.#export, this.#file),
    h("form", { class: "prompt-form", onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) }, this.#heading,
      h("label", {}, t("prompts.name"), this.#name), h("label", {}, t("prompts.text"), this.#text),
      h("p", { class: "prompts-hint", id: "prompt-places" }, t("prompts.places", { bare: "{{city}}", preset: "{{city=Paris}}" })), this.#problem,
      h("div", { class: "dialog-foot" }, h("button", { type: "submit", class: "button main-button" }, t("editor.save")))))
  /** @type {string|null} the id of the one that is being changed */
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
    this.#report.textContent = ""
    this.#dialog.showModal()
    this.#title.focus()
    this.#attempt(prompts.load())
  }

  /** @param {Prompt[]} all */
  #show(all) {
    this.#empty.hidden = all.length > 0
    this.#export.disabled = all.length === 0
    this.#list.replaceChildren(...all.map((one) => h("li", {},
      h("span", { class: "prompt-words" }, h("strong", { dir: "auto" }, one.name), h("small", { dir: "auto" }, one.text.slice(0, 200))),
      this.#button("edit", t("message.edit"), one, () => [this.#edit(one.id, one), this.#name.focus()]),
      this.#button("trash", t("delete.go"), one, () => this.#remove(one)))))
  }

  /** @param {Parameters<typeof iconButton>[0]} name @param {string} label @param {Prompt} one @param {() => void} deed */
  #button(name, label, one, deed) {
    const button = iconButton(name, label, deed)
    button.setAttribute("aria-label", t("files.labelled", { label, name: one.name }))
    return button
  }

  /** @param {string|null} changed @param {{name: string, text: string}} prompt */
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
    if (!await this.#attempt(prompts.save(this.#changed, prompt))) return
    this.#edit(null, { name: "", text: "" })
    this.#name.focus()
  }

  /** @param {Prompt} gone */
  async #remove({ id }) {
    this.#title.focus() // the button goes
    if (this.#changed === id) this.#edit(null, { name: "", text: "" })
    await this.#attempt(prompts.remove(id))
  }

  async #onFile() {
    const file = this.#file.files?.[0]
    this.#file.value = "" // so that the same file can be chosen again
    if (!file) return
    this.#report.textContent = ""
    const document = await file.text().then(JSON.parse).catch(() => null)
    if (document === null) return void (this.#report.textContent = t("prompts.notJson", { name: file.name }))
    await this.#attempt(prompts.take(document).then(({ added, unchanged, skipped }) => {
      this.#report.textContent = [t("prompts.added", { count: added }), unchanged && t("prompts.unchanged", { count: unchanged }),
        skipped && t("prompts.skipped", { count: skipped })].filter(Boolean).join(" ")
    }))
  }

  /** @param {Promise<void>} work @returns {Promise<boolean>} whether it is done; else it is told why not */
  #attempt(work) {
    this.#problem.textContent = ""
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
