/** @file What a message can be made of besides typing: files, and texts that are kept. Emits `files-chosen` and `prompts`. */

import { h, icon } from "../dom/h.js"
import { menuItem, onMenuKey } from "../dom/menu.js"
import { emitter } from "../dom/message-tools.js"
import { t } from "../lib/t.js"

const GAP_PIXELS = 4

export class ComposerMenu extends HTMLElement {
  #input = h("input", { type: "file", multiple: true, hidden: true, class: "files-input", "aria-label": t("files.attach"), onchange: () => this.#onChosen() })
  #panel = h("div", { class: "panel composer-panel", id: "composer-menu", popover: true, role: "menu", "aria-label": t("composer.add"), onkeydown: (/** @type {KeyboardEvent} */ event) => onMenuKey(event, this.#items, () => this.#panel.hidePopover()), ontoggle: (/** @type {Event} */ event) => this.#onToggle(event) },
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
    return menuItem(name, label, () => {
      this.#panel.hidePopover()
      deed()
    })
  }

  #onChosen() {
    this.#emit("files-chosen", [...this.#input.files ?? []])
    this.#input.value = "" // so that the same file can be chosen again
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
