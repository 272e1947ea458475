/**
 * @file An account in the list of admins. Emits `password-made` with its name and new password, `user-told`
 * with what was done, and `user-gone`; all bubble.
 */

import { select } from "../dom/fields.js"
import { h } from "../dom/h.js"
import { allOf, freshPassword, ROLES, seenAt } from "../lib/account-words.js"
import { explained } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { changeUser, deleteUser, holdingsOf } from "../lib/users-api.js"

/** @typedef {import("../lib/users-api.js").User} User @typedef {import("../lib/users-api.js").Role} Role */

export class UserRow extends HTMLElement {
  #words = h("div", { class: "account-words" })
  #use = h("small", { hidden: true })
  #role = select(ROLES.map((role) => [role, t(`role.${role}`)]), () => this.#change({ role: /** @type {Role} */ (this.#role.value) }))
  #reset = button("users.reset", () => this.#resetPassword())
  #able = button("users.disable", () => this.#change({ disabled: !this.#user.disabled }))
  #begin = button("users.delete", () => this.#ask())
  #deeds = h("div", { class: "user-deeds" }, this.#role, this.#reset, this.#able, this.#begin)
  #goes = h("p", {})
  #sure = h("div", { class: "key-sure", hidden: true }, this.#goes, button("dialog.cancel", () => this.#end()),
    h("button", { type: "button", class: "button danger-button", onclick: () => this.#delete() }, t("users.deleteNow")))
  #user = /** @type {User} */ ({})

  connectedCallback() {
    this.setAttribute("role", "listitem")
    this.classList.add("account-row")
    if (!this.firstChild) this.append(this.#words, this.#deeds, this.#sure)
  }

  /** @param {User} user @param {boolean} own whoever looks at it */
  show(user, own = this.hasAttribute("data-own")) {
    this.#user = user
    this.toggleAttribute("data-own", own)
    const name = user.name || t("account.computer")
    const badges = [own && t("users.you"), user.disabled && t("users.disabled"), user.external && t("users.external")].filter(Boolean)
    this.#words.replaceChildren(...[
      h("strong", { dir: "auto" }, name, ...badges.map((text) => h("span", { class: "account-badge" }, text || ""))),
      !own && h("small", {}, seenAt(user.seen, Date.now())), this.#use].filter((one) => one !== false))
    this.#role.value = user.role
    this.#role.setAttribute("aria-label", t("users.roleOf", { name }))
    this.#role.disabled = own
    this.#able.textContent = t(user.disabled ? "users.enable" : "users.disable")
    this.#reset.hidden = user.external && !user.has_password
    for (const one of [this.#reset, this.#able, this.#begin]) {
      one.setAttribute("aria-label", t("users.deed", { deed: one.textContent ?? "", name }))
      if (own) one.hidden = true // the own account has a section of its own
    }
  }

  /** @param {Map<string, {questions: number, tokens: number}>} used today, by account */
  tellUse(used) {
    const use = used.get(this.#user.id)
    this.#use.hidden = !use
    if (use) this.#use.textContent = t("users.today", { questions: t("users.questions", { count: use.questions }), tokens: t("stats.tokens", { count: use.tokens }) })
  }

  /** @param {Parameters<typeof changeUser>[1]} changes @returns {Promise<boolean>} whether it is done */
  async #change(changes) {
    try {
      this.show(await changeUser(this.#user.id, changes))
      this.#tell(t("users.saved", { name: this.#user.name }))
      return true
    } catch (error) {
      this.#tell(explained(/** @type {Error} */ (error)).text)
      this.show(this.#user)
      return false
    }
  }

  async #resetPassword() {
    const password = freshPassword()
    if (await this.#change({ password })) this.#emit("password-made", { name: this.#user.name, password })
  }

  async #ask() {
    this.#goes.textContent = t("users.sure", { name: this.#user.name })
    this.#deeds.hidden = true
    this.#sure.hidden = false
    this.toggleAttribute("data-sure", true)
    this.#sure.querySelector("button")?.focus()
    const held = await holdingsOf(this.#user.id).catch(() => null)
    if (held) this.#goes.textContent = t("users.sureAll", { name: this.#user.name, all: allOf(held) || t("account.empty") })
    this.scrollIntoView({ block: "nearest" })
  }

  #end() {
    this.#deeds.hidden = false
    this.#sure.hidden = true
    this.toggleAttribute("data-sure", false)
    this.#begin.focus()
  }

  async #delete() {
    try {
      await deleteUser(this.#user.id)
    } catch (error) {
      const problem = /** @type {import("../lib/api.js").ApiError} */ (error)
      if (problem.status !== 404) return [this.#tell(explained(problem).text), this.#end()]
    }
    this.#tell(t("users.gone", { name: this.#user.name }))
    this.#emit("user-gone", null)
    return this.remove()
  }

  /** @param {string} text */
  #tell(text) {
    this.#emit("user-told", text)
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }))
  }
}

/** @param {"users.reset"|"users.disable"|"users.delete"|"dialog.cancel"} label @param {() => void} onclick */
function button(label, onclick) {
  return h("button", { type: "button", class: "button", onclick }, t(label))
}

customElements.define("user-row", UserRow)
