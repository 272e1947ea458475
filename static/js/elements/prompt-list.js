/** @file The kept texts to choose from, while a message begins with a slash. Emits `prompts` to change them, and `fill-prompt` for one with places. */

import { h, icon } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { matching, queryOf } from "../lib/prompts.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { prompts } from "../state/prompts.js"

/** @typedef {import("../lib/prompts.js").Prompt} Prompt */

const COMPACT = "compact"

export class PromptList extends HTMLElement {
  #empty = h("p", { class: "prompts-empty" }, t("prompts.empty"))
  #list = h("ul", { role: "listbox", id: "prompt-list", "aria-label": t("prompts.title"), class: "prompts" })
  /** What each option does. @type {(() => void)[]} */
  #deeds = []
  #at = 0
  #closed = false
  #waits = false // for the texts, which were not read yet when somebody typed
  /** Whether there is something to summarise. */
  mayCompact = false
  #emit = emitter(this)

  /** @param {import("./writing-area.js").WritingArea} text */
  constructor(text) {
    super()
    this.text = text
    this.hidden = true
    text.takes = (event) => this.#takes(event)
    text.addEventListener("written", () => this.#follow())
    text.addEventListener("focusout", () => this.#close())
    effect(() => {
      const all = prompts.all.get()
      if (!this.hidden || all !== null && this.#waits) this.#show()
    })
  }

  connectedCallback() {
    if (this.firstChild) return
    this.className = "panel"
    this.append(this.#empty, this.#list)
    this.addEventListener("mousedown", (event) => event.preventDefault()) // the text keeps the focus
  }

  #follow() {
    const query = queryOf(this.text.value)
    if (query === null) this.#closed = false
    if (query === null || this.#closed) return this.#close()
    if (this.hidden && (!query || prompts.all.get() === null)) prompts.load().catch(() => {}) // other devices may have changed them
    this.#at = 0
    return this.#show()
  }

  #show() {
    const all = prompts.all.get() ?? []
    const query = queryOf(this.text.value) ?? ""
    this.#waits = prompts.all.get() === null
    const found = matching(all, query)
    if (query && !found.length && !this.#commands(query).length) return this.#close()
    const commands = this.#commands(query)
    this.#deeds = [...found.map((one) => () => this.#take(one)), ...commands.map(([, deed]) => deed), () => this.#manage()]
    this.#empty.hidden = all.length > 0 || prompts.all.get() === null
    this.#list.replaceChildren(...found.map(({ name, text }, index) => this.#option(index, h("strong", { dir: "auto" }, name), h("small", { dir: "auto" }, text.slice(0, 120)))),
      ...commands.map(([name], index) => this.#option(found.length + index, icon("fold"), h("strong", {}, `/${COMPACT}`), h("small", {}, name))),
      this.#option(found.length + commands.length, icon("edit"), t(all.length ? "prompts.manage" : "prompts.add")))
    this.hidden = false
    this.text.area.setAttribute("aria-controls", "prompt-list")
    return this.#mark()
  }

  /** What else is done from here, where it is looked for. @param {string} query @returns {[name: string, deed: () => void][]} */
  #commands(query) {
    const wanted = query.trim().toLowerCase()
    if (!this.mayCompact || !COMPACT.startsWith(wanted)) return []
    return [[t("summary.make"), () => [this.#write({ text: "" }), this.#emit("compact", null)]]]
  }

  /** @param {number} index @param {...(Node|string)} children */
  #option(index, ...children) {
    return h("li", { role: "option", id: `prompt-${index}`, class: "prompt", onclick: () => this.#deeds[index]() }, ...children)
  }

  #mark() {
    for (const [index, option] of [...this.#list.children].entries()) option.setAttribute("aria-selected", String(index === this.#at))
    this.text.area.setAttribute("aria-activedescendant", `prompt-${this.#at}`)
    this.#list.children[this.#at]?.scrollIntoView({ block: "nearest" })
  }

  #close() {
    this.hidden = true
    this.text.area.removeAttribute("aria-controls")
    this.text.area.removeAttribute("aria-activedescendant")
  }

  /** @param {KeyboardEvent} event */
  #takes(event) {
    const { key, isComposing, shiftKey, ctrlKey, altKey, metaKey } = event
    if (this.hidden || isComposing || shiftKey || ctrlKey || altKey || metaKey) return false
    const count = this.#deeds.length
    const to = { ArrowDown: this.#at + 1, ArrowUp: this.#at - 1 + count }[key]
    if (to !== undefined) this.#at = to % count
    else if (key === "Escape") this.#closed = true
    else if (key !== "Enter" && key !== "Tab") return false
    event.preventDefault()
    event.stopPropagation() // Escape would stop an answer
    if (to !== undefined) this.#mark()
    else if (key === "Escape") this.#close()
    else this.#deeds[this.#at]()
    return true
  }

  /** Its places are filled first. @param {Prompt} prompt */
  #take(prompt) {
    if (!prompt.text.includes("{{")) return this.#write(prompt)
    this.#close()
    return this.#emit("fill-prompt", { prompt, write: (/** @type {string} */ text) => this.#write({ text }) })
  }

  /** @param {{text: string}} prompt */
  #write({ text }) {
    this.#close()
    this.text.value = text
    this.#closed = queryOf(text) !== null
    this.text.area.setSelectionRange(text.length, text.length)
    this.text.dispatchEvent(new CustomEvent("written", { bubbles: true }))
  }

  #manage() {
    this.#write({ text: "" })
    this.#emit("prompts", null)
  }
}

customElements.define("prompt-list", PromptList)
