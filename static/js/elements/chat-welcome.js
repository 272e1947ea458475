/** @file The empty page: who will answer, and ways to begin. Emits `begin` with a text to go on from. */

import { h } from "../dom/h.js"
import { effect } from "../lib/signal.js"
import { startersOf } from "../lib/starters.js"
import { t } from "../lib/t.js"
import { introduction } from "../lib/words.js"
import { presets } from "../state/presets.js"

export class ChatWelcome extends HTMLElement {
  #standard = startersOf(null) // as in index.html
  #shown = this.#standard.join()
  /** @type {string[]} */
  #own = []
  #end = () => {}
  #endFollowing = () => {}

  connectedCallback() {
    this.addEventListener("click", this.#onClick)
  }

  disconnectedCallback() {
    this.removeEventListener("click", this.#onClick)
    this.#end()
    this.#endFollowing()
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  watch(catalogue) {
    const told = /** @type {HTMLElement} */ (this.querySelector(".welcome-model"))
    const ends = [
      effect(() => { told.textContent = introduction(catalogue.models.get()) }),
      effect(() => {
        this.#standard = startersOf(catalogue.current())
        this.#showStarters()
      }),
    ]
    this.#end = () => ends.forEach((end) => end())
  }

  /** A preset may have starters of its own. @param {import("../state/chat-settings.js").ChatSettings} settings */
  follow(settings) {
    this.#endFollowing = effect(() => {
      this.#own = presets.get(settings.now.get().preset)?.starters ?? []
      this.#showStarters()
    })
  }

  /** Only where they are others: the focus may be on one. */
  #showStarters() {
    const starters = this.#own.length ? this.#own.map((text) => ({ label: text, text }))
      : this.#standard.map((one) => ({ label: t(`starter.${one}`), text: t(`starter.${one}Text`) }))
    const shown = this.#own.length ? JSON.stringify(this.#own) : this.#standard.join()
    if (shown === this.#shown) return
    this.#shown = shown
    this.querySelector(".starters")?.replaceChildren(...starters.map(({ label, text }) =>
      h("button", { type: "button", class: "starter", "data-text": text, dir: "auto" }, label)))
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
