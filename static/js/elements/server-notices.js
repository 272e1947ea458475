/** @file What people should know of the server: told until it is put away, and marked until it is over. */

import { announce } from "../dom/announce.js"
import { h, iconButton } from "../dom/h.js"
import { explained, inOneLine } from "../lib/problems.js"
import { effect, signal } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { keep } from "../state/kept.js"

/** @typedef {{code: string, message: string}} Notice */

export class ServerNotices extends HTMLElement {
  /** @type {Set<string>} the messages that were put away on this page */
  #away = new Set()
  #shown = ""
  /** What the page knows itself. */
  #own = signal(/** @type {Notice[]} */ ([]))
  #end = () => {}

  connectedCallback() {
    this.#mark.addEventListener("click", this.#bringBack)
  }

  disconnectedCallback() {
    this.#mark.removeEventListener("click", this.#bringBack)
    this.#end()
  }

  /** In the bar: there is something that is not shown. */
  get #mark() {
    return /** @type {HTMLElement} */ (document.querySelector(".notices-button"))
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  watch(catalogue) {
    if (!isSecureContext) import("../dom/insecure.js").then(async ({ insecure }) => this.#own.set(await insecure()), () => {})
    this.#end = effect(() => this.#show([...this.#own.get(), ...catalogue.models.get().notices ?? []]))
  }

  /** @param {Notice[]} notices */
  #show(notices) {
    const shown = JSON.stringify(notices)
    if (shown === this.#shown) return
    this.#shown = shown
    for (const text of this.#away) if (!notices.some(({ message }) => message === text)) this.#away.delete(text)
    this.replaceChildren(...notices.map((notice) => this.#banner(notice)))
    this.#update()
    if (notices.length) announce(notices.map((notice) => explained(notice).text).join(" "))
  }

  /** @param {Notice} notice */
  #banner(notice) {
    const { message } = notice
    return h("div", { class: "server-notice", "data-text": message },
      h("p", { dir: "auto" }, inOneLine(notice)), iconButton("close", t("notice.away"), () => this.#putAway(message)))
  }

  /** @param {string} text */
  #putAway(text) {
    this.#away.add(text)
    this.#update()
    this.#mark.focus()
    if (this.#own.get().some(({ message }) => message === text)) keep("llmchat.insecure", "known")
  }

  #bringBack = () => {
    this.#away.clear()
    this.#update()
    this.querySelector("button")?.focus()
  }

  #update() {
    for (const banner of this.children) {
      const { text = "" } = /** @type {HTMLElement} */ (banner).dataset
      banner.toggleAttribute("hidden", this.#away.has(text))
    }
    this.#mark.hidden = this.#away.size === 0
  }
}

customElements.define("server-notices", ServerNotices)
