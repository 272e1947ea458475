/** @file What else can be done with a message. One menu for all of them, beside the button that opens it. */

import { h } from "../dom/h.js"
import { menuItem, onMenuKey } from "../dom/menu.js"
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

  /** @param {Parameters<typeof menuItem>[0]} name @param {string} label @param {string} event @param {object} detail */
  #item(name, label, event, detail) {
    return menuItem(name, label, () => {
      this.#panel.hidePopover()
      this.#emit(event, detail)
    })
  }

  /** Below the button, or above it where there is no room. @param {DOMRect} button */
  #settle(button) {
    const { width, height } = this.#panel.getBoundingClientRect()
    const below = button.bottom + GAP_PIXELS
    const top = below + height > innerHeight ? Math.max(GAP_PIXELS, button.top - GAP_PIXELS - height) : below
    const left = Math.min(button.left, innerWidth - width - GAP_PIXELS * 2)
    this.#panel.style.setProperty("inset", `${top}px auto auto ${Math.max(GAP_PIXELS * 2, left)}px`)
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => onMenuKey(event, this.#items, () => this.#panel.hidePopover())

  /** The focus goes back to the button, unless something else took it. @param {Event} event */
  #onToggle = (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") return
    if (document.activeElement === document.body) this.#place?.button.focus({ preventScroll: true })
  }
}

customElements.define("message-menu", MessageMenu)
