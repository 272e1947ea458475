/** @file Where the own account is signed in; each browser can be signed out from here. */

import { h } from "../dom/h.js"
import { seenAt } from "../lib/account-words.js"
import { inOneLine } from "../lib/problems.js"
import { endOthers, endSession, sessions } from "../lib/session-api.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/session-api.js").Session} Session */

export class SessionList extends HTMLElement {
  #list = h("ul", { class: "account-rows", "aria-labelledby": "sessions-title" })
  #title = h("h3", { id: "sessions-title", tabindex: "-1" }, t("sessions.title"))
  #all = h("button", { type: "button", class: "button", hidden: true, onclick: () => this.#end(endOthers, t("sessions.allEnded")) }, t("sessions.endAll"))
  #told = h("p", { class: "account-told", role: "status" })

  connectedCallback() {
    if (!this.firstChild) this.append(this.#title, h("p", { class: "account-text" }, t("sessions.text")), this.#list, h("div", { class: "account-foot" }, this.#told, this.#all))
  }

  async load() {
    try {
      this.#show((await sessions()).items)
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
  }

  /** @param {Session[]} items */
  #show(items) {
    this.#list.replaceChildren(...items.map((one) => this.#row(one)))
    this.#all.hidden = !items.some(({ current }) => !current)
  }

  /** @param {Session} one */
  #row({ id, device, address, seen, current }) {
    const name = device || t("sessions.unknown")
    return h("li", { class: "account-row" },
      h("div", { class: "account-words" },
        h("strong", {}, name, current && h("span", { class: "account-badge" }, t("sessions.this"))),
        h("small", {}, [address, seenAt(seen, Date.now())].filter(Boolean).join(" · "))),
      !current && h("button", { type: "button", class: "button", "aria-label": t("sessions.endName", { name }), onclick: () => this.#end(() => endSession(id), t("sessions.ended", { name })) }, t("account.signOut")))
  }

  /** @param {() => Promise<unknown>} work @param {string} done */
  async #end(work, done) {
    try {
      await work()
      this.#told.textContent = done
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
    await this.load()
    this.#title.focus() // the button may be gone
  }
}

customElements.define("session-list", SessionList)
