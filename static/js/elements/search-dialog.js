/** @file Search in all chats: type, go through what is found by the arrows, open it where it stands. Loaded when it is first wanted. */

import { h, icon, iconButton } from "../dom/h.js"
import { style } from "../dom/style.js"
import { hitAddress } from "../lib/search-api.js"
import { effect } from "../lib/signal.js"
import { PREFIXES } from "../lib/snippet.js"
import { t } from "../lib/t.js"
import { Searching } from "../state/searching.js"
import { hitRow } from "./search-hit.js"

/** @typedef {import("../lib/search-api.js").Hit} Hit @typedef {import("../state/searching.js").Found} Found */

await style("search")

const NEAR_MARGIN = "400px"

/** Emits `open-chat` with the id of the chat that was opened. */
export class SearchDialog extends HTMLElement {
  #searching = new Searching()
  #input = h("input", {
    class: "search-input", type: "text", role: "combobox", "aria-label": t("search.label"), "aria-expanded": "true",
    "aria-controls": "search-hits", "aria-autocomplete": "list", placeholder: t("search.label"), maxlength: 1000,
    autocomplete: "off", spellcheck: "false", enterkeyhint: "go", dir: "auto",
    oninput: () => this.#searching.ask(this.#input.value.trim()),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
  })
  #list = h("div", { id: "search-hits", class: "search-hits", role: "listbox", "aria-label": t("search.found"), onclick: (/** @type {MouseEvent} */ event) => this.#onClick(event) })
  #note = h("div", { class: "search-note", hidden: true })
  #end = h("div", { class: "search-end" })
  #status = h("p", { class: "search-status", role: "status" })
  #room = h("div", { class: "search-room" }, this.#list, this.#note, this.#end)
  #help = h("details", { class: "search-help" }, h("summary", {}, t("search.prefixes")),
    h("ul", {}, ...PREFIXES.map(([prefix, text]) => h("li", {},
      h("button", { type: "button", class: "prefix", onclick: () => this.#insert(prefix) }, prefix), t(text)))))
  #dialog = h("dialog", { class: "dialog search-dialog", "aria-label": t("search.name"), onclose: () => this.#searching.stop(), onclick: (/** @type {Event} */ event) => this.#onOutside(event) },
    h("div", { class: "search-head" }, icon("search"), this.#input, iconButton("close", t("search.close"), () => this.#dialog.close())),
    this.#room, h("div", { class: "search-foot" }, this.#status, this.#help))
  #nearness = new IntersectionObserver((entries) => {
    if (entries.some((one) => one.isIntersecting)) this.#searching.more()
  }, { root: this.#room, rootMargin: NEAR_MARGIN })
  #stop = () => {}
  /** @type {Hit[]} */
  #shown = []

  connectedCallback() {
    this.append(this.#dialog)
    this.#stop = effect(() => this.#show(this.#searching.found.get()))
    this.#nearness.observe(this.#end)
  }

  disconnectedCallback() {
    this.#stop()
    this.#nearness.disconnect()
    this.#searching.stop()
  }

  open() {
    if (this.#dialog.open) return this.#input.select()
    this.#dialog.showModal()
    this.#input.focus()
    this.#input.select()
    this.#searching.ask(this.#input.value.trim())
  }

  /** @param {Found} found */
  #show({ state, hits, problem }) {
    this.#list.setAttribute("aria-busy", String(state === "searching"))
    if (hits !== this.#shown) this.#showHits(hits)
    this.#status.textContent = this.#summary(state, hits.length)
    this.#note.hidden = hits.length > 0 || state === "searching"
    this.#note.replaceChildren(...this.#words(problem))
    this.#nearness.unobserve(this.#end) // observed anew, it is told again if it is near even then
    this.#nearness.observe(this.#end)
  }

  /** What goes on from the hits shown is appended. @param {Hit[]} hits */
  #showHits(hits) {
    const goesOn = this.#shown.length > 0 && this.#shown.every((hit, index) => hit === hits[index])
    const fresh = goesOn ? hits.slice(this.#shown.length) : hits
    if (!goesOn) {
      this.#list.replaceChildren()
      this.#room.scrollTop = 0
    }
    const first = this.#list.children.length
    this.#list.append(...fresh.map((hit, index) => hitRow(hit, `hit-${first + index}`, Date.now())))
    this.#shown = hits
    if (!goesOn) this.#activate(this.#list.firstElementChild)
  }

  /** @param {Found["state"]} state @param {number} count */
  #summary(state, count) {
    if (state === "searching") return t("search.running")
    if (state === "failed") return ""
    return t("search.results", { count, more: this.#searching.found.get().more ? "+" : "" })
  }

  /** @param {string|null} problem @returns {Node[]} */
  #words(problem) {
    const again = () => this.#searching.ask(this.#input.value.trim())
    if (problem) return [h("p", { role: "alert" }, problem), h("button", { type: "button", class: "button", onclick: again }, t("answer.tryAgain"))]
    return [h("p", {}, this.#input.value.trim() ? t("search.nothing") : t("side.noChats"))]
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.isComposing) return
    const active = this.#active
    if (event.key === "Enter") active?.click()
    else if (event.key === "ArrowDown") this.#activate(active?.nextElementSibling ?? this.#list.firstElementChild)
    else if (event.key === "ArrowUp") this.#activate(active?.previousElementSibling ?? this.#list.lastElementChild)
    else return
    event.preventDefault()
  }

  /** @returns {HTMLElement|null} */
  get #active() {
    return this.#list.querySelector("[aria-selected=true]")
  }

  /** @param {Element|null} row */
  #activate(row) {
    this.#active?.setAttribute("aria-selected", "false")
    row?.setAttribute("aria-selected", "true")
    row?.scrollIntoView({ block: "nearest" })
    this.#input.setAttribute("aria-activedescendant", row?.id ?? "")
  }

  /** @param {string} prefix */
  #insert(prefix) {
    const before = this.#input.value.trimEnd()
    this.#input.value = before ? `${before} ${prefix}` : prefix
    this.#input.focus()
    this.#searching.ask(this.#input.value)
  }

  /** @param {MouseEvent} event */
  #onClick(event) {
    const row = /** @type {Element} */ (event.target).closest("a")
    const hit = row && this.#shown[[...this.#list.children].indexOf(row)]
    if (!hit || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    this.#dialog.close()
    this.dispatchEvent(new CustomEvent("open-chat", { bubbles: true, detail: hit.conversation_id }))
    location.hash = hitAddress(hit)
  }

  /** @param {Event} event */
  #onOutside({ target }) {
    if (target === this.#dialog) this.#dialog.close()
  }
}

customElements.define("search-dialog", SearchDialog)
