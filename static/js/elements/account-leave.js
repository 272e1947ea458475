/** @file Deletes the own account with all that is in it, after it was said what goes and its name was typed. */

import { formField, textField, markField } from "../dom/form-fields.js"
import { h } from "../dom/h.js"
import { secretField } from "../dom/secret-field.js"
import { allOf } from "../lib/account-words.js"
import { explained, inOneLine } from "../lib/problems.js"
import { deleteAccount } from "../lib/session-api.js"
import { t } from "../lib/t.js"
import { holdingsOf } from "../lib/users-api.js"
import { forgetAccount } from "../state/signed-in.js"

/** @typedef {import("../lib/session-api.js").Account} Account */

export class AccountLeave extends HTMLElement {
  #word = t("everything.word")
  #typed = textField({ autocapitalize: "off", dir: "auto" })
  #current = secretField(t("account.current"), { name: "current", autocomplete: "current-password" })
  #held = h("p", { class: "account-text" })
  #begin = h("button", { type: "button", class: "button danger-button", onclick: () => this.#ask() }, t("account.delete"))
  #go = h("button", { type: "submit", class: "button danger-button", disabled: true }, t("account.deleteNow"))
  #told = h("p", { class: "account-told", role: "status" })
  #form = h("form", { class: "account-form account-danger", hidden: true, novalidate: true, oninput: () => this.#check(), onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) },
    this.#held, formField(t("everything.type", { word: this.#word }), this.#typed), this.#current.field,
    h("div", { class: "account-foot" }, h("button", { type: "button", class: "button", onclick: () => this.#end() }, t("dialog.cancel")), this.#go))

  connectedCallback() {
    if (!this.firstChild) this.append(h("h3", {}, t("account.delete")), h("p", { class: "account-text" }, t("account.deleteText")), this.#begin, this.#form, this.#told)
  }

  /** @param {Account} account */
  show({ has_password }) {
    this.#current.field.hidden = !has_password
  }

  close() {
    this.#form.hidden = true
    this.#begin.hidden = false
    this.#typed.value = ""
    this.#current.input.value = ""
    this.#told.textContent = ""
    markField(this.#current.input, "")
    this.#check()
  }

  async #ask() {
    this.#begin.hidden = true
    this.#form.hidden = false
    this.#typed.focus()
    this.#held.textContent = ""
    const held = await holdingsOf(null).catch(() => null)
    if (held) this.#held.textContent = t("account.goes", { all: allOf(held) || t("account.empty") })
    this.#form.scrollIntoView({ block: "nearest" })
  }

  #end() {
    this.close()
    this.#begin.focus()
  }

  #check() {
    const proven = this.#current.field.hidden || this.#current.input.value !== ""
    this.#go.disabled = this.#typed.value.trim().toLowerCase() !== this.#word || !proven
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    if (this.#go.disabled) return
    this.#go.disabled = true
    markField(this.#current.input, "")
    try {
      await deleteAccount(this.#current.field.hidden ? undefined : this.#current.input.value)
    } catch (error) {
      return this.#explain(/** @type {import("../lib/api.js").ApiError} */ (error))
    }
    forgetAccount()
    return location.replace(location.pathname)
  }

  /** @param {import("../lib/api.js").ApiError} error */
  #explain(error) {
    this.#check()
    if (error.code !== "login-failed") return void (this.#told.textContent = error.code === "last-admin" ? explained(error).text : inOneLine(error))
    markField(this.#current.input, t("account.wrongCurrent"))
    this.#current.input.focus()
  }
}

customElements.define("account-leave", AccountLeave)
