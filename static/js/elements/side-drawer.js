/** @file The column of the chats: beside the thread where there is room, over it on a phone. */

import { keep, kept } from "../state/kept.js"

const HIDDEN = "llmchat.sidebar-hidden"
const NARROW = "(width < 48rem)"

/** Buttons with the class `drawer-button` open and close it; so does a touch beside it. */
export class SideDrawer extends HTMLElement {
  #narrow = matchMedia(NARROW)
  /** @type {HTMLElement|null} who had the focus before */
  #opener = null

  connectedCallback() {
    this.#narrow.addEventListener("change", this.#onWidth)
    document.addEventListener("click", this.#onClick)
    this.#onWidth()
  }

  disconnectedCallback() {
    this.#narrow.removeEventListener("change", this.#onWidth)
    document.removeEventListener("click", this.#onClick)
  }

  /** Whether it is open over the thread. */
  get covers() {
    return this.#narrow.matches && this.dataset.open !== undefined
  }

  /** Close it where it covers the thread. @returns {boolean} whether it did */
  close() {
    if (!this.covers) return false
    this.#set(false)
    this.#opener?.focus()
    return true
  }

  #onWidth = () => {
    this.#set(!this.#narrow.matches && kept(HIDDEN) === null)
  }

  /** @param {MouseEvent} event */
  #onClick = (event) => {
    const target = /** @type {Element} */ (event.target)
    const button = target.closest(".drawer-button")
    if (button) this.#toggle(/** @type {HTMLElement} */ (button))
    else if (target.closest(".drawer-shade")) this.close()
  }

  /** @param {HTMLElement} button */
  #toggle(button) {
    const open = this.dataset.open === undefined
    if (this.#narrow.matches) this.#opener = button
    else keep(HIDDEN, open ? null : "1")
    this.#set(open)
    if (open && this.#narrow.matches) this.querySelector("button")?.focus()
  }

  /** @param {boolean} open */
  #set(open) {
    this.toggleAttribute("data-open", open)
    this.toggleAttribute("inert", !open)
    document.querySelector("main")?.toggleAttribute("inert", open && this.#narrow.matches)
    for (const button of document.querySelectorAll(".drawer-button")) {
      button.setAttribute("aria-expanded", String(open))
    }
  }
}

customElements.define("side-drawer", SideDrawer)
