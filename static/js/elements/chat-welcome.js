/** @file The empty page: who will answer, and ways to begin. Emits `begin` with a text to go on from. */

import { effect } from "../lib/signal.js"
import { introduction } from "../lib/words.js"

export class ChatWelcome extends HTMLElement {
  #end = () => {}

  connectedCallback() {
    this.addEventListener("click", this.#onClick)
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#onClick)
    this.#end()
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  watch(catalogue) {
    const told = /** @type {HTMLElement} */ (this.querySelector(".welcome-model"))
    this.#end = effect(() => { told.textContent = introduction(catalogue.models.get()) })
  }

  /** @param {MouseEvent} event */
  #onClick = (event) => {
    const starter = event.target instanceof Element && event.target.closest(".starter")
    if (!starter) return
    const { text = "" } = /** @type {HTMLElement} */ (starter).dataset
    this.dispatchEvent(new CustomEvent("begin", { bubbles: true, detail: text }))
  }
}

customElements.define("chat-welcome", ChatWelcome)
