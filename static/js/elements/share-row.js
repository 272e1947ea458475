/** @file A link to a copy of a chat, in a list. Emits `revoked` when it leads nowhere any more. */

import { h } from "../dom/h.js"
import { shortDate } from "../lib/dates.js"
import { inOneLine } from "../lib/problems.js"
import { revokeShare } from "../lib/shares-api.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/shares-api.js").Share} Share @typedef {import("../lib/api.js").ApiError} ApiError */

export class ShareRow extends HTMLElement {
  #id = ""
  #words = h("div", { class: "share-words" })
  #begin = h("button", { type: "button", class: "button", onclick: () => this.#ask(true) }, t("share.revoke"))
  #sure = h("div", { class: "share-sure", hidden: true },
    h("p", {}, t("share.sure")),
    h("button", { type: "button", class: "button", onclick: () => this.#ask(false) }, t("dialog.cancel")),
    h("button", { type: "button", class: "button danger-button", onclick: () => this.#revoke() }, t("share.revokeNow")))
  #told = h("p", { class: "share-problem", role: "status" })

  connectedCallback() {
    if (!this.firstChild) this.append(this.#words, this.#begin, this.#sure, this.#told)
    this.setAttribute("role", "listitem")
  }

  /** @param {Share} share */
  show({ id, conversation_id: chat, title, created, expires, reasoning, files }) {
    const now = Date.now()
    this.#id = id
    const what = [t("share.made", { when: shortDate(created, now) }), expires === null ? t("share.untilRevoked") : t("share.until", { when: shortDate(expires, now) }),
      reasoning && t("share.withReasoning"), files && t("share.withFiles")]
    this.#words.replaceChildren(h("a", { href: `#${chat}`, dir: "auto" }, title), h("small", {}, what.filter(Boolean).join(" · ")))
    this.#begin.setAttribute("aria-label", t("share.revokeName", { name: title }))
  }

  /** @param {boolean} asking */
  #ask(asking) {
    this.#begin.hidden = asking
    this.#sure.hidden = !asking
    this.toggleAttribute("data-sure", asking)
    const to = asking ? /** @type {HTMLElement} */ (this.#sure.querySelector("button")) : this.#begin
    to.focus()
  }

  async #revoke() {
    try {
      await revokeShare(this.#id)
    } catch (error) {
      const { status } = /** @type {ApiError} */ (error)
      if (status !== 404) {
        this.#told.textContent = inOneLine(/** @type {Error} */ (error))
        return this.#ask(false)
      }
    }
    return this.dispatchEvent(new CustomEvent("revoked", { bubbles: true }))
  }
}

customElements.define("share-row", ShareRow)
