/** @file What stands above an answer that is compared with others: whose it is, and whether it is gone on with. */

import { h, icon } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { t } from "../lib/t.js"

/** Emits `choose-answer` with the `id` of the message. */
export class SideHead extends HTMLElement {
  #id = ""
  #name = h("span", { class: "side-name", dir: "auto" })
  #choose = h("button", { type: "button", class: "side-choose", onclick: () => emitter(this)("choose-answer", { id: this.#id }) })

  connectedCallback() {
    if (!this.firstChild) this.append(this.#name, this.#choose)
  }

  /** @param {import("../types.js").Shown} shown */
  show({ message: { id, model }, side = null, unsent }) {
    this.hidden = side === null
    if (side === null) return
    this.#id = id
    this.#name.textContent = model ?? ""
    this.#choose.setAttribute("aria-pressed", String(side.chosen))
    this.#choose.setAttribute("aria-label", t(side.chosen ? "several.chosenOf" : "several.chooseOf", { model: model ?? "" }))
    this.#choose.disabled = unsent
    this.#choose.replaceChildren(.../** @type {Node[]} */ ([side.chosen && icon("check"), new Text(t(side.chosen ? "several.chosen" : "several.choose"))].filter(Boolean)))
  }
}

customElements.define("side-head", SideHead)
