/** @file The headers that go with each request to an endpoint: their names, and values that nobody sees again. */

import { h, iconButton } from "../dom/h.js"
import { keptKey } from "../lib/endpoint-words.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/endpoints-api.js").Secret} Secret */

export class EndpointHeaders extends HTMLElement {
  #rows = h("div", { class: "header-rows" })
  #add = h("button", { type: "button", class: "button small-button", onclick: () => this.#addRow("", null)?.focus() }, t("ep.addHeader"))
  /** @type {Record<string, Secret>} those that are kept */
  #kept = {}

  connectedCallback() {
    if (!this.firstChild) this.append(this.#rows, this.#add)
  }

  /** @param {Record<string, Secret>} kept */
  show(kept) {
    this.#kept = kept
    this.#rows.replaceChildren()
    for (const [name, secret] of Object.entries(kept)) this.#addRow(name, secret)
  }

  /** What is changed; undefined: nothing. @returns {Record<string, string|null>|undefined} */
  get changes() {
    /** @type {Record<string, string|null>} */
    const changes = {}
    const there = new Set()
    for (const row of this.#rows.children) {
      const [name, value] = [...row.querySelectorAll("input")].map((input) => input.value.trim())
      if (!name) continue
      there.add(name)
      if (value || !(name in this.#kept)) changes[name] = value
    }
    for (const name of Object.keys(this.#kept)) if (!there.has(name)) changes[name] = null
    return Object.keys(changes).length ? changes : undefined
  }

  /** @param {string} name @param {Secret|null} secret */
  #addRow(name, secret) {
    const label = h("input", { class: "field", "aria-label": t("ep.headerName"), placeholder: t("ep.headerName"), value: name, autocomplete: "off", spellcheck: "false", dir: "ltr" })
    const value = h("input", {
      class: "field", type: "password", "aria-label": t("ep.headerValue"), autocomplete: "new-password", dir: "ltr",
      placeholder: secret ? keptKey(secret) : t("ep.headerValue"),
    })
    const row = h("div", { class: "header-row" }, label, value, iconButton("close", t("ep.removeHeader"), () => this.#remove(row)))
    this.#rows.append(row)
    return label
  }

  /** @param {Element} row */
  #remove(row) {
    row.remove()
    this.#add.focus()
  }
}

customElements.define("endpoint-headers", EndpointHeaders)
