/** @file Changes the name and the password of the own account. Emits `account-changed` with it, which bubbles. */

import { formField, markField, tellFields, textField } from "../dom/form-fields.js"
import { h } from "../dom/h.js"
import { secretField } from "../dom/secret-field.js"
import { explained } from "../lib/problems.js"
import { changeAccount } from "../lib/session-api.js"
import { t } from "../lib/t.js"
import { noteAccount } from "../state/signed-in.js"

/** @typedef {import("../lib/session-api.js").Account} Account @typedef {import("../lib/session-api.js").SessionState} SessionState */

export class AccountForm extends HTMLElement {
  #name = textField({ name: "name", autocomplete: "username", autocapitalize: "off", dir: "auto", maxlength: "100" })
  #next = secretField(t("enter.passwordNew"), { name: "password", autocomplete: "new-password", required: false }, t("account.passwordNote"))
  #current = secretField(t("account.current"), { name: "current", autocomplete: "current-password" }, t("account.currentNote"))
  #save = h("button", { type: "submit", class: "button main-button", disabled: true }, t("account.save"))
  #told = h("p", { class: "account-told", role: "status" })
  #form = h("form", { class: "account-form", novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event), oninput: () => this.#check() },
    formField(t("enter.name"), this.#name, t("enter.setupNameNote")), this.#next.field, this.#current.field, h("div", { class: "account-foot" }, this.#told, this.#save))
  /** @type {Account|null} */
  #account = null

  connectedCallback() {
    if (!this.firstChild) this.append(h("h3", {}, t("account.signIn")), this.#form)
  }

  /** @param {SessionState} state @param {Account} account */
  show({ auth }, account) {
    this.#account = account
    this.hidden = !account.has_password && (auth === "token" || auth === "proxy" || auth === "none")
    this.#name.value = account.name
    this.#current.field.hidden = !account.has_password
    this.#check()
  }

  /** Nothing that is secret stays in it. */
  clear() {
    for (const { input } of [this.#next, this.#current]) input.value = ""
    this.#told.textContent = ""
    tellFields(this.#inputs, null)
  }

  get #inputs() {
    return { name: this.#name, password: this.#next.input, current: this.#current.input }
  }

  get #changes() {
    const [name, password] = [this.#name.value.trim(), this.#next.input.value]
    return { ...name && name !== this.#account?.name && { name }, ...password && { password } }
  }

  #check() {
    const proven = this.#current.field.hidden || this.#current.input.value !== ""
    this.#save.disabled = !Object.keys(this.#changes).length || !proven
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    if (this.#save.disabled) return
    const changes = this.#changes
    this.#save.disabled = true // once is enough
    this.#told.textContent = ""
    tellFields(this.#inputs, null)
    try {
      const account = await changeAccount({ ...changes, ...!this.#current.field.hidden && { current: this.#current.input.value } })
      this.clear()
      noteAccount(account)
      this.dispatchEvent(new CustomEvent("account-changed", { detail: account, bubbles: true }))
      document.querySelector("account-button")?.dispatchEvent(new CustomEvent("account-changed", { detail: account }))
      this.#told.textContent = t(changes.password ? "account.passwordDone" : "account.saved")
    } catch (error) {
      this.#explain(/** @type {import("../lib/api.js").ApiError} */ (error))
    }
    this.#check()
  }

  /** @param {import("../lib/api.js").ApiError} error */
  #explain(error) {
    const { field, text } = tellFields(this.#inputs, error)
    const at = field ?? (error.code === "login-failed" ? this.#current.input : error.code === "name-taken" ? this.#name : null)
    if (!at) return void (this.#told.textContent = explained(error).text)
    const said = field ? explained({ code: `wrong-${at.name}`, message: text }).text : error.code === "login-failed" ? t("account.wrongCurrent") : explained(error).text
    markField(at, said)
    at.focus()
  }
}

customElements.define("account-form", AccountForm)
