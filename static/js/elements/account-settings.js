/** @file The settings of the own account: name and password, where it is signed in, its data, and its end. */

import { h } from "../dom/h.js"
import { session } from "../lib/session-api.js"
import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { AccountForm } from "./account-form.js"
import { AccountLeave } from "./account-leave.js"
import { AccountLimits } from "./account-limits.js"
import { SessionList } from "./session-list.js"

export class AccountSettings extends HTMLElement {
  #who = h("p", { class: "account-who" })
  #form = new AccountForm()
  #sessions = new SessionList()
  #limits = new AccountLimits()
  #leave = new AccountLeave()
  #told = h("p", { class: "account-told", role: "status" })

  connectedCallback() {
    if (this.firstChild) return
    this.append(this.#told, this.#who, this.#form, this.#sessions, this.#limits,
      h("section", { "aria-labelledby": "own-data-title" }, h("h3", { id: "own-data-title" }, t("account.data")),
        h("p", { class: "account-text", id: "own-data-text" }, t("account.dataText")),
        h("a", { class: "button", href: "api/export?format=llmchat", download: true, "aria-describedby": "own-data-text" }, t("data.download"))),
      this.#leave)
    this.addEventListener("account-changed", () => this.shown())
  }

  /** The section came in view. */
  async shown() {
    try {
      const state = await session()
      const { account } = state
      if (!account) return
      this.#told.textContent = ""
      this.#who.replaceChildren(h("strong", { dir: "auto" }, account.name || t("account.computer")), h("small", {}, t(`role.${account.role}`)))
      this.#form.show(state, account)
      this.#leave.show(account)
      this.#sessions.hidden = state.auth === "proxy"
      if (!this.#sessions.hidden) this.#sessions.load()
      await this.#limits.load()
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
  }

  left() {
    this.#form.clear()
    this.#leave.close()
  }
}

customElements.define("account-settings", AccountSettings)
