/** @file What the own account may take of the server, and has. Not there where there are no limits. */

import { h } from "../dom/h.js"
import { ownLimits } from "../lib/session-api.js"
import { t } from "../lib/t.js"

const NAMES = /** @type {const} */ (["per_minute", "tokens_per_day", "running", "queued", "streams"])

export class AccountLimits extends HTMLElement {
  #list = h("ul", { class: "account-rows account-limits", "aria-labelledby": "own-limits-title" })

  connectedCallback() {
    if (this.firstChild) return
    this.hidden = true
    this.append(h("h3", { id: "own-limits-title" }, t("limits.title")), h("p", { class: "account-text" }, t("limits.text")), this.#list)
  }

  async load() {
    const limits = await ownLimits()
    const rows = NAMES.flatMap((name) => {
      const one = limits[name]
      return one ? [h("li", { class: "account-row" }, t(`limits.${name}`), h("span", {}, t("limits.of", one)))] : []
    })
    this.#list.replaceChildren(...rows)
    this.hidden = !rows.length
  }
}

customElements.define("account-limits", AccountLimits)
