/** @file What else can be done with a message. One menu for all of them, beside the button that opens it. */

import { h, icon } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { t } from "../lib/t.js"

/** @typedef {{id: string, role: string, button: HTMLElement}} Place */
/** @typedef {{temporary: boolean, models: string[], voice: "read"|"stop"|null}} Offer `voice`: what it can do */

const GAP_PIXELS = 4
const MANY = 6 // models: more have a dialog of their own

/** Emits `edit-message`, `copy-rich`, `read-aloud`, `stop-reading`, `fork`, `cut`, `again` and `again-with`, each with the `id` of the message. */
export class MessageMenu extends HTMLElement {
  #panel = h("div", { class: "panel message-menu", popover: true, role: "menu", "aria-label": t("composer.label") })
  /** @type {Place|null} */
  #place = null
  #emit = emitter(this)

  connectedCallback() {
    if (!this.firstChild) this.append(this.#panel)
    this.#panel.addEventListener("keydown", this.#onKey)
    this.#panel.addEventListener("toggle", this.#onToggle)
  }

  disconnectedCallback() {
    this.#panel.removeEventListener("keydown", this.#onKey)
    this.#panel.removeEventListener("toggle", this.#onToggle)
  }

  /** @param {Place} place @param {Offer} offer */
  open(place, { temporary, models, voice }) {
    const { id, role } = place
    this.#place = place
    const isAnswer = role === "assistant"
    this.#panel.replaceChildren(...[
      isAnswer && this.#item("edit", t("message.edit"), "edit-message", { id }),
      isAnswer && this.#item("copy", t("answer.copyRich"), "copy-rich", { id }),
      isAnswer && voice === "read" && this.#item("voice", t("answer.readAloud"), "read-aloud", { id }),
      isAnswer && voice === "stop" && this.#item("stop", t("answer.stopReading"), "stop-reading", { id }),
      !temporary && this.#item("fork", t("message.fork"), "fork", { id }),
      this.#item("trash", t("delete.go"), "cut", { id }),
      isAnswer && models.length > 0 && h("div", { role: "group", "aria-label": t("message.againWith") },
        h("p", { class: "menu-title", "aria-hidden": "true" }, t("message.againWith")), ...this.#others(id, models)),
    ].filter((one) => one !== false))
    this.#panel.showPopover()
    this.#settle(place.button.getBoundingClientRect())
    this.#items[0]?.focus()
  }

  /** @param {string} id @param {string[]} models */
  #others(id, models) {
    if (models.length > MANY) return [this.#item("again", t("message.otherModel"), "again-with", { id })]
    return models.map((model) => this.#item("again", model, "again", { id, model }))
  }

  get #items() {
    return [...this.#panel.querySelectorAll("button")]
  }

  /** @param {Parameters<typeof icon>[0]} name @param {string} label @param {string} event @param {object} detail */
  #item(name, label, event, detail) {
    const onclick = () => {
      this.#panel.hidePopover()
      this.#emit(event, detail)
    }
    return h("button", { type: "button", role: "menuitem", class: "menu-item", tabindex: "-1", onclick },
      icon(name), h("span", { dir: "auto" }, label))
  }

  /** Below the button, or above it where there is no room. @param {DOMRect} button */
  #settle(button) {
    const { width, height } = this.#panel.getBoundingClientRect()
    const below = button.bottom + GAP_PIXELS
    const top = below + height > innerHeight ? Math.max(GAP_PIXELS, button.top - GAP_PIXELS - height) : below
    const left = Math.min(button.left, innerWidth - width - GAP_PIXELS * 2)
    this.#panel.style.setProperty("inset", `${top}px auto auto ${Math.max(GAP_PIXELS * 2, left)}px`)
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    const items = this.#items
    const at = items.findIndex((one) => one === document.activeElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    if (event.key === "Tab") this.#panel.hidePopover()
    if (next === undefined) return
    event.preventDefault()
    items.at(next % items.length)?.focus()
  }

  /** The focus goes back to the button, unless something else took it. @param {Event} event */
  #onToggle = (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") return
    if (document.activeElement === document.body) this.#place?.button.focus({ preventScroll: true })
  }
}

customElements.define("message-menu", MessageMenu)
