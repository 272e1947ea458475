/** @file What a message can be made of besides typing: files, and texts that are kept. Emits `files-chosen` and `prompts`. */

import { h, icon } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { t } from "../lib/t.js"

const GAP_PIXELS = 4

export class ComposerMenu extends HTMLElement {
  #input = h("input", { type: "file", multiple: true, hidden: true, class: "files-input", "aria-label": t("files.attach"), onchange: () => this.#onChosen() })
  #panel = h("div", { class: "panel composer-panel", id: "composer-menu", popover: true, role: "menu", "aria-label": t("composer.add"), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event), ontoggle: (/** @type {Event} */ event) => this.#onToggle(event) },
    this.#item("clip", t("files.attach"), () => this.#input.click()),
    this.#item("book", t("prompts.title"), () => this.#emit("prompts", null)))
  #button = h("button", {
    type: "button", class: "icon-button add-button", "aria-label": t("composer.add"), title: t("composer.add"),
    "aria-haspopup": "menu", "aria-expanded": "false", popovertarget: "composer-menu",
  }, icon("plus"))
  #emit = emitter(this)

  connectedCallback() {
    if (!this.firstChild) this.append(this.#button, this.#panel, this.#input)
  }

  get #items() {
    return [...this.#panel.querySelectorAll("button")]
  }

  /** @param {Parameters<typeof icon>[0]} name @param {string} label @param {() => void} deed */
  #item(name, label, deed) {
    const onclick = () => {
      this.#panel.hidePopover()
      deed()
    }
    return h("button", { type: "button", role: "menuitem", class: "menu-item", tabindex: "-1", onclick }, icon(name), h("span", {}, label))
  }

  #onChosen() {
    this.#emit("files-chosen", [...this.#input.files ?? []])
    this.#input.value = "" // so that the same file can be chosen again
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const items = this.#items
    const at = items.findIndex((one) => one === document.activeElement)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
    if (event.key === "Tab") this.#panel.hidePopover()
    if (next === undefined) return
    event.preventDefault()
    items.at(next % items.length)?.focus()
  }

  /** @param {Event} event */
  #onToggle(event) {
    const open = /** @type {ToggleEvent} */ (event).newState === "open"
    this.#button.setAttribute("aria-expanded", String(open))
    if (!open) return
    const { left, right, top } = this.#button.getBoundingClientRect()
    const start = this.matches(":dir(rtl)") ? innerWidth - right : left
    this.#panel.style.setProperty("inset-block-end", `${innerHeight - top + GAP_PIXELS}px`)
    this.#panel.style.setProperty("inset-inline-start", `${start}px`)
    this.#items[0]?.focus()
  }
}

customElements.define("composer-menu", ComposerMenu)
