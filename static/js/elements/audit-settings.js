/** @file The log of what was done to accounts, keys and sessions, for admins. */

import { h } from "../dom/h.js"
import { deedIn } from "../lib/account-words.js"
import { inOneLine } from "../lib/problems.js"
import { date, t } from "../lib/t.js"
import { audit } from "../lib/users-api.js"

/** @typedef {import("../lib/users-api.js").Deed} Deed */

const moment = /** @type {const} */ ({ dateStyle: "medium", timeStyle: "short" })

export class AuditSettings extends HTMLElement {
  #rows = h("ul", { class: "account-rows", "aria-labelledby": "tab-audit" })
  #more = h("button", { type: "button", class: "button", hidden: true, onclick: () => this.#read() }, t("audit.more"))
  #told = h("p", { class: "account-told", role: "status" })
  /** @type {number|null} */
  #next = null

  connectedCallback() {
    if (this.firstChild) return
    this.append(h("p", { class: "account-text" }, t("audit.text")), this.#rows, this.#told, this.#more)
  }

  /** The section came in view. */
  shown() {
    this.#next = null
    this.#rows.replaceChildren()
    return this.#read()
  }

  async #read() {
    try {
      const { items, next } = await audit(this.#next)
      const first = this.#rows.childElementCount
      this.#rows.append(...items.map(rowOf))
      this.#next = next
      this.#more.hidden = next === null
      this.#told.textContent = ""
      if (first) /** @type {HTMLElement} */ (this.#rows.children[first])?.scrollIntoView({ block: "nearest" })
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
  }
}

/** @param {Deed} deed */
function rowOf(deed) {
  const time = new Date(deed.time)
  return h("li", { class: "account-row" }, h("div", { class: "account-words" },
    h("p", { dir: "auto" }, h("strong", {}, deed.name || t("account.computer")), ` ${deedIn(deed)}`),
    h("small", {}, h("time", { datetime: time.toISOString() }, date(time, moment)), deed.address && ` · ${deed.address}`)))
}

customElements.define("audit-settings", AuditSettings)
