/** @file The empty page: who will answer, and ways to begin. Emits `begin` with a text to go on from. */

import { h } from "../dom/h.js"
import { effect } from "../lib/signal.js"
import { startersOf } from "../lib/starters.js"
import { t } from "../lib/t.js"
import { introduction } from "../lib/words.js"

export class ChatWelcome extends HTMLElement {
  #shown = startersOf(null).join() // as in index.html
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
    const ends = [
      effect(() => { told.textContent = introduction(catalogue.models.get()) }),
      effect(() => this.#showStarters(startersOf(catalogue.current()))),
    ]
    this.#end = () => ends.forEach((end) => end())
  }

  /** Only where they are others: the focus may be on one. @param {ReturnType<typeof startersOf>} starters */
  #showStarters(starters) {
    const shown = starters.join()
    if (shown === this.#shown) return
    this.#shown = shown
    this.querySelector(".starters")?.replaceChildren(...starters.map((one) =>
      h("button", { type: "button", class: "starter", "data-text": t(`starter.${one}Text`) }, t(`starter.${one}`))))
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
