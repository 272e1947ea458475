/** @file The end of a list that is read in pages: it says what comes, and reads on when it is near. */

import { h } from "../dom/h.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"

const NEAR_MARGIN = "800px"
const GHOSTS = 6 // rows that stand for the first ones while those are read

export class ListEnd {
  #element = h("div", { class: "list-end" })
  /** Apart: they go when there are rows, and do not move. */
  #ghosts = h("div", { class: "ghosts", "aria-hidden": "true" }, ...Array.from({ length: GHOSTS }, () => h("div", { class: "ghost" })))
  #empty = ""
  /** @type {import("../state/shelf.js").Source|null} */
  #source = null
  /** @type {IntersectionObserver|null} */
  #nearness = null

  /** @param {HTMLElement} list it stands behind this, and both scroll with the parent */
  constructor(list) {
    this.list = list
  }

  /** @param {import("../state/shelf.js").Source} source @param {string} empty what to say where there is nothing @returns {() => void} ends it */
  watch(source, empty) {
    this.#source = source
    this.#empty = empty
    this.#element.dataset.state = ""
    this.list.after(this.#element)
    const nearness = new IntersectionObserver((entries) => this.#onNear(entries),
      { root: this.list.parentElement, rootMargin: NEAR_MARGIN })
    this.#nearness = nearness
    const stop = effect(() => this.#show(source))
    nearness.observe(this.#element)
    return () => {
      stop()
      nearness.disconnect()
      this.#element.remove()
      this.#ghosts.remove()
    }
  }

  /** @param {import("../state/shelf.js").Source} source */
  #show(source) {
    const [ready, more, failed] = [source.ready.get(), source.hasMore.get(), source.failed.get()]
    const none = source.items.get().length === 0
    this.list.setAttribute("aria-busy", String(!ready && !failed))
    const state = failed ? "failed" : !ready ? "first" : more ? "more" : none ? "empty" : "whole"
    if (state === this.#element.dataset.state) return
    this.#element.dataset.state = state
    if (state === "first") this.#element.before(this.#ghosts)
    else this.#ghosts.remove()
    this.#element.replaceChildren(...this.#words(state))
  }

  /** @param {string} state @returns {Node[]} */
  #words(state) {
    if (state === "more") return [h("p", { class: "list-note" }, t("list.reading"))]
    if (state === "empty") return [h("p", { class: "list-note" }, this.#empty)]
    if (state !== "failed") return []
    return [h("p", { class: "list-note" }, t("list.failed")),
      h("button", { type: "button", class: "button", onclick: () => this.#read() }, t("answer.tryAgain"))]
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #onNear(entries) {
    if (entries.some(({ isIntersecting }) => isIntersecting) && !this.#source?.failed.get()) this.#read()
  }

  /** Observed anew, it is told again if it is near even then. */
  async #read() {
    const source = this.#source
    if (!source?.hasMore.get()) return
    await source.more()
    if (source !== this.#source) return
    this.#nearness?.unobserve(this.#element)
    this.#nearness?.observe(this.#element)
  }
}
