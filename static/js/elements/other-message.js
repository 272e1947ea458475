/** @file A message that is neither a question nor an answer: an instruction, or what a tool gave. */

import { h } from "../dom/h.js"
import { t } from "../lib/t.js"

export class OtherMessage extends HTMLElement {
  #text = h("div", { class: "bare", dir: "auto" })
  #name = h("summary")
  #article = h("article", { class: "other-message", tabindex: "-1" }, h("details", {}, this.#name, this.#text))

  connectedCallback() {
    if (!this.firstChild) this.append(this.#article)
  }

  /** @param {import("../types.js").Shown} shown */
  show({ message: { role, content } }) {
    const name = role === "system" ? t("message.system") : t("message.tool")
    this.#article.setAttribute("aria-label", name)
    this.#name.textContent = name
    this.#text.textContent = content
  }
}

customElements.define("other-message", OtherMessage)
