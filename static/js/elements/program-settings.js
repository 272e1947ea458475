/** @file The settings of what other programs may do: the address that they need, and their keys. */

import { copyButton } from "../dom/clipboard.js"
import { select } from "../dom/fields.js"
import { h } from "../dom/h.js"
import { inOneLine } from "../lib/problems.js"
import { keys, makeKey } from "../lib/programs-api.js"
import { may } from "../lib/role.js"
import { t } from "../lib/t.js"
import "./api-key.js"

const DAY = 86_400_000
const DAYS = [30, 90, 365]
const SCOPES = /** @type {const} */ (["v1", "read", "write", ...may("admin") ? /** @type {const} */ (["metrics", "admin"]) : []])

/** @typedef {import("../lib/programs-api.js").Scope} Scope @typedef {import("../lib/programs-api.js").Key} Key @typedef {import("./api-key.js").ApiKey} ApiKey */

export class ProgramSettings extends HTMLElement {
  #address = new URL("v1", document.baseURI).href
  #name = h("input", { class: "field", id: "key-name", maxlength: "100", autocomplete: "off", placeholder: t("programs.nameHint"), oninput: () => this.#check() })
  #scope = select(SCOPES.map((scope) => [scope, t(`scope.${scope}`)]), () => {})
  #expiry = select([["", t("scope.never")], ...DAYS.map((days) => /** @type {[string, string]} */ ([String(days), t("scope.days", { count: days })]))], () => {})
  #make = h("button", { type: "submit", class: "button main-button", disabled: true }, t("programs.make"))
  #fresh = h("div", { class: "fresh-key", role: "group", "aria-labelledby": "fresh-title", tabindex: "-1", hidden: true })
  #told = h("p", { class: "programs-told", role: "status" })
  #list = h("ul", { class: "api-keys", "aria-labelledby": "keys-title" })
  #none = h("p", { class: "programs-none", hidden: true }, t("programs.none"))

  connectedCallback() {
    if (this.firstChild) return
    this.append(
      h("section", { "aria-labelledby": "address-title" }, h("h3", { id: "address-title" }, t("programs.address")),
        h("p", { class: "programs-text" }, t("programs.text")), secret(this.#address, t("programs.copyAddress"))),
      h("section", { "aria-labelledby": "keys-title" }, h("h3", { id: "keys-title" }, t("programs.keys")),
        h("form", { class: "key-form", onsubmit: (/** @type {Event} */ event) => this.#add(event) },
          h("label", { for: "key-name" }, t("programs.name")), h("div", { class: "key-fields" }, this.#name, this.#make),
          h("div", { class: "key-limits" }, limit("key-scope", t("scope.title"), this.#scope), limit("key-expiry", t("scope.expiry"), this.#expiry))),
        this.#fresh, this.#told, this.#none, this.#list))
    this.addEventListener("revoked", (event) => this.#forget(/** @type {ApiKey} */ (event.target)))
  }

  /** The section came in view. */
  async shown() {
    try {
      this.#show((await keys()).items)
      this.#told.textContent = ""
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
  }

  /** It went out of view: a key is shown once. */
  left() {
    this.#fresh.hidden = true
    this.#fresh.replaceChildren()
  }

  /** @param {Key[]} items */
  #show(items) {
    this.#list.replaceChildren(...items.map(rowOf))
    this.#none.hidden = items.length > 0
  }

  #check() {
    this.#make.disabled = !this.#name.value.trim()
  }

  /** @param {Event} event */
  async #add(event) {
    event.preventDefault()
    if (this.#make.disabled) return
    this.#make.disabled = true // once is enough
    this.#told.textContent = ""
    try {
      const { key, ...made } = await makeKey(this.#name.value.trim(), /** @type {Scope} */ (this.#scope.value), this.#expires)
      this.#name.value = ""
      this.#fresh.replaceChildren(h("strong", { id: "fresh-title" }, t("programs.fresh", { name: made.name })),
        h("p", {}, t("programs.once")), secret(key, t("programs.copyKey")))
      this.#fresh.hidden = false
      this.#list.prepend(rowOf(made))
      this.#none.hidden = true
      this.#fresh.focus()
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
    this.#check()
  }

  /** In milliseconds; null: never. */
  get #expires() {
    return this.#expiry.value ? Date.now() + Number(this.#expiry.value) * DAY : null
  }

  /** @param {ApiKey} row */
  #forget(row) {
    row.remove()
    this.#told.textContent = t("programs.revoked", { name: row.name })
    this.#none.hidden = this.#list.childElementCount > 0
    this.#name.focus()
  }
}

/** @param {Key} key */
function rowOf(key) {
  const row = /** @type {ApiKey} */ (document.createElement("api-key"))
  row.show(key)
  return row
}

/** @param {string} id @param {string} name @param {HTMLElement} field */
function limit(id, name, field) {
  field.id = id
  return h("div", {}, h("label", { for: id }, name), field)
}

/** A line to be copied. @param {string} text @param {string} label of its button */
function secret(text, label) {
  return h("div", { class: "copied-line" }, h("code", { dir: "ltr" }, text), copyButton(label, () => text))
}

customElements.define("program-settings", ProgramSettings)
