/** @file A menu beside the button that opens it: one for all rows of a list. */

import { h, icon } from "../dom/h.js"
import { onMenuKey } from "../dom/menu.js"
import { t } from "../lib/t.js"

/** @typedef {{label: string, icon: Parameters<typeof icon>[0], run?: () => void, href?: string, danger?: boolean, keys?: string}} Entry with `href` it is a file to keep */

const GAP = 4 // pixels to the edge of the window and to the button

export class RowMenu extends HTMLElement {
  /** @type {HTMLElement|null} */
  #anchor = null

  connectedCallback() {
    this.id ||= "row-menu"
    this.className = "panel row-menu"
    this.setAttribute("popover", "")
    this.setAttribute("role", "menu")
    this.addEventListener("keydown", this.#onKey)
    addEventListener("resize", this.#close)
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this.#onKey)
    removeEventListener("resize", this.#close)
  }

  /** Open it, or close it where it was opened from the same button. @param {HTMLElement} anchor @param {string} name @param {Entry[]} entries */
  toggle(anchor, name, entries) {
    const again = this.#isOpen && this.#anchor === anchor
    this.#close()
    if (again) return
    this.#anchor = anchor
    this.setAttribute("aria-label", name)
    this.replaceChildren(...entries.map((entry) => this.#item(entry)))
    this.showPopover()
    this.#place(anchor.getBoundingClientRect())
    this.#items[0]?.focus()
  }

  get #isOpen() {
    return this.matches(":popover-open")
  }

  /** @returns {HTMLElement[]} */
  get #items() {
    return [...this.querySelectorAll("[role=menuitem]")].map((one) => /** @type {HTMLElement} */ (one))
  }

  /** @param {Entry} entry */
  #item({ label, icon: name, run, href, danger, keys }) {
    const attributes = { role: "menuitem", class: danger ? "menu-item danger" : "menu-item", tabindex: "-1" }
    const onclick = () => {
      this.#close() // first: it gives the focus back, which the work may want elsewhere
      run?.()
    }
    const inside = [icon(name), h("span", {}, label), keys && h("kbd", { "aria-hidden": "true" }, keys === "Delete" ? t("keys.delete") : keys)]
    if (href) return h("a", { ...attributes, href, download: true, onclick }, ...inside)
    return h("button", { ...attributes, type: "button", onclick, "aria-keyshortcuts": keys }, ...inside)
  }

  /** Below the button where there is room, else above. @param {DOMRect} beside */
  #place(beside) {
    const { offsetWidth: width, offsetHeight: height } = this
    const below = beside.bottom + GAP + height <= innerHeight
    const left = getComputedStyle(this).direction === "rtl" ? beside.left : beside.right - width
    this.style.left = `${Math.max(GAP, Math.min(left, innerWidth - width - GAP))}px`
    this.style.top = `${Math.max(GAP, below ? beside.bottom + GAP : beside.top - GAP - height)}px`
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => onMenuKey(event, this.#items, this.#close)

  #close = () => {
    if (this.#isOpen) this.hidePopover()
  }
}

customElements.define("row-menu", RowMenu)
