/** @file A key of another program in the list. Emits `revoked` when it opens nothing any more. */

import { h } from "../dom/h.js"
import { shortDate } from "../lib/dates.js"
import { inOneLine } from "../lib/problems.js"
import { revokeKey } from "../lib/programs-api.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/programs-api.js").Key} Key */

export class ApiKey extends HTMLElement {
  #id = ""
  name = ""
  #words = h("div", { class: "key-words" })
  #begin = h("button", { type: "button", class: "button", onclick: () => this.#ask(true) }, t("programs.revoke"))
  #sure = h("div", { class: "key-sure", hidden: true },
    h("p", {}, t("programs.sure")),
    h("button", { type: "button", class: "button", onclick: () => this.#ask(false) }, t("dialog.cancel")),
    h("button", { type: "button", class: "button danger-button", onclick: () => this.#revoke() }, t("programs.revokeNow")))
  #told = h("p", { class: "key-problem", role: "status" })

  connectedCallback() {
    if (!this.firstChild) this.append(this.#words, this.#begin, this.#sure, this.#told)
    this.setAttribute("role", "listitem")
  }

  /** @param {Key} key */
  show(key) {
    const now = Date.now()
    this.#id = key.id
    this.name = key.name
    const used = key.used === null ? t("programs.unused") : t("programs.used", { when: shortDate(key.used, now) })
    this.#words.replaceChildren(h("strong", { dir: "auto" }, key.name),
      h("small", {}, h("code", {}, `…${key.ending}`), ` · ${t("programs.made", { when: shortDate(key.created, now) })} · ${used}`),
      h("small", {}, [...key.scopes.map((scope) => t(`scope.${scope}`)), key.expires === null ? "" : endOf(key.expires, now)].filter(Boolean).join(" · ")))
    this.#begin.setAttribute("aria-label", t("programs.revokeName", { name: key.name }))
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
      await revokeKey(this.#id)
    } catch (error) {
      const { status } = /** @type {import("../lib/api.js").ApiError} */ (error)
      if (status !== 404) {
        this.#told.textContent = inOneLine(/** @type {Error} */ (error))
        return this.#ask(false)
      }
    }
    return this.dispatchEvent(new CustomEvent("revoked", { bubbles: true }))
  }
}

/** @param {number} time @param {number} now */
function endOf(time, now) {
  return time <= now ? t("scope.over") : t("scope.until", { when: shortDate(time, now) })
}

customElements.define("api-key", ApiKey)
