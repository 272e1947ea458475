/** @file The settings of all accounts, for admins: who there is, and who may what. */

import { copyButton } from "../dom/clipboard.js"
import { select } from "../dom/fields.js"
import { formField, markField, tellFields, textField } from "../dom/form-fields.js"
import { h } from "../dom/h.js"
import { freshPassword, ROLES } from "../lib/account-words.js"
import { explained, inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { addUser, usage, users } from "../lib/users-api.js"
import { lastAccount } from "../state/signed-in.js"
import "./user-row.js"

/** @typedef {import("../lib/users-api.js").User} User @typedef {import("../lib/users-api.js").Role} Role @typedef {import("./user-row.js").UserRow} UserRow */

export class UsersSettings extends HTMLElement {
  #name = textField({ name: "name", dir: "auto", autocapitalize: "off", maxlength: "100", oninput: () => this.#check() })
  #role = select(ROLES.map((role) => [role, t(`role.${role}`)]), () => this.#explainRole())
  #roleText = h("small", { class: "field-note" })
  #add = h("button", { type: "submit", class: "button main-button", disabled: true }, t("users.add"))
  #fresh = h("div", { class: "fresh-key", role: "group", "aria-labelledby": "fresh-user", tabindex: "-1", hidden: true })
  #told = h("p", { class: "account-told", role: "status" })
  #list = h("ul", { class: "account-rows", "aria-labelledby": "users-list" })

  connectedCallback() {
    if (this.firstChild) return
    this.append(h("p", { class: "account-text" }, t("users.text")),
      h("form", { class: "account-form user-form", novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) },
        formField(t("enter.name"), this.#name), formField(t("users.role"), this.#role, this.#roleText),
        h("div", { class: "account-foot" }, this.#add)),
      this.#fresh, this.#told, h("h3", { id: "users-list" }, t("users.list")), this.#list)
    this.addEventListener("password-made", (event) => this.#tellPassword(/** @type {CustomEvent} */ (event).detail))
    this.addEventListener("user-told", (event) => { this.#told.textContent = /** @type {CustomEvent} */ (event).detail })
    this.addEventListener("user-gone", () => this.#name.focus())
    this.#explainRole()
  }

  /** The section came in view. */
  async shown() {
    try {
      const own = lastAccount()?.id
      this.#list.replaceChildren(...(await users()).items.map((one) => rowOf(one, one.id === own)))
      this.#told.textContent = ""
      const used = new Map((await usage()).items.map((one) => [one.id, one]))
      for (const row of /** @type {Iterable<UserRow>} */ (this.#list.children)) row.tellUse(used)
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
  }

  /** It went out of view: a password is shown once. */
  left() {
    this.#fresh.hidden = true
    this.#fresh.replaceChildren()
  }

  get #chosen() {
    return /** @type {Role} */ (this.#role.value)
  }

  #explainRole() {
    this.#roleText.textContent = t(`role.${this.#chosen}Text`)
  }

  #check() {
    this.#add.disabled = !this.#name.value.trim()
    markField(this.#name, "")
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    if (this.#add.disabled) return
    this.#add.disabled = true // once is enough
    this.#told.textContent = ""
    const password = freshPassword()
    try {
      const user = await addUser(this.#name.value.trim(), this.#chosen, password)
      this.#name.value = ""
      this.#list.append(rowOf(user, false))
      this.#tellPassword({ name: user.name, password })
    } catch (error) {
      const problem = /** @type {import("../lib/api.js").ApiError} */ (error)
      const { field, text } = tellFields({ name: this.#name }, problem)
      const said = field ? explained({ code: "wrong-name", message: text }).text : explained(problem).text
      if (field || problem.code === "name-taken") [markField(this.#name, said), this.#name.focus()]
      else this.#told.textContent = said
    }
    this.#add.disabled = !this.#name.value.trim()
  }

  /** @param {{name: string, password: string}} made */
  #tellPassword({ name, password }) {
    this.#fresh.replaceChildren(h("strong", { id: "fresh-user" }, t("users.fresh", { name })), h("p", {}, t("users.once")),
      h("div", { class: "copied-line" }, h("code", { dir: "ltr" }, password), copyButton(t("users.copy"), () => password)))
    this.#fresh.hidden = false
    this.#fresh.focus()
    this.#fresh.scrollIntoView({ block: "nearest" })
  }
}

/** @param {User} user @param {boolean} own */
function rowOf(user, own) {
  const row = /** @type {UserRow} */ (document.createElement("user-row"))
  row.show(user, own)
  return row
}

customElements.define("users-settings", UsersSettings)
