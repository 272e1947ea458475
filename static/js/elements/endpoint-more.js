/** @file What few endpoints need: headers, who may use them, a proxy, and limits of their own. */

import { formField, textField } from "../dom/form-fields.js"
import { h } from "../dom/h.js"
import { ownRole } from "../lib/role.js"
import { t } from "../lib/t.js"
import { EndpointHeaders } from "./endpoint-headers.js"

/** @typedef {import("../lib/endpoints-api.js").Endpoint} Endpoint @typedef {import("../lib/endpoints-api.js").Changes} Changes */

const NUMBERS = /** @type {const} */ ([
  ["slots", "ep.slots", 1, 1000, 1], ["connect_seconds", "ep.connect", 0, 86400, "any"], ["first_token_seconds", "ep.first", 0, 86400, "any"],
  ["idle_seconds", "ep.idle", 0, 86400, "any"], ["total_seconds", "ep.total", 0, 86400, "any"],
])

export class EndpointMore extends HTMLElement {
  #headers = new EndpointHeaders()
  #proxyAddress = textField({ type: "url", placeholder: "http://proxy.example:3128", required: true })
  #ownProxy = formField(t("ep.proxyAddress"), this.#proxyAddress)
  #proxy = h("select", { class: "select", onchange: () => this.#onProxy() },
    h("option", { value: "auto" }, t("ep.proxyAuto")), h("option", { value: "none" }, t("ep.proxyNone")), h("option", { value: "own" }, t("ep.proxyOwn")))
  #roles = h("select", { class: "select" },
    h("option", { value: "guest" }, t("ep.rolesAll")), h("option", { value: "user" }, t("ep.rolesUsers")), h("option", { value: "admin" }, t("ep.rolesAdmins")))
  #forRoles = formField(t("ep.roles"), this.#roles, t("ep.rolesText"))
  #numbers = NUMBERS.map(([, , min, max, step]) => textField({ type: "number", min, max, step, placeholder: t("ep.standard") }))
  #details = h("details", {}, h("summary", {}, t("ep.more")))
  /** By the names that the server has for them. @type {Record<string, HTMLInputElement>} */
  fields = { proxy: this.#proxyAddress, ...Object.fromEntries(NUMBERS.map(([name], index) => [name, this.#numbers[index]])) }

  connectedCallback() {
    if (this.firstChild) return
    this.#details.append(
      h("div", { class: "form-field", role: "group", "aria-label": t("ep.headers") },
        h("span", { class: "form-name" }, t("ep.headers")), h("small", { class: "field-note" }, t("ep.headersText")), this.#headers),
      formField(t("ep.proxy"), this.#proxy), this.#ownProxy,
      h("div", { class: "number-fields" }, ...NUMBERS.map(([, name], index) => formField(t(name), this.#numbers[index]))))
    this.append(this.#forRoles, this.#details)
  }

  /** @param {Endpoint|null} endpoint */
  show(endpoint) {
    const proxy = endpoint?.proxy ?? "auto"
    this.#headers.show(endpoint?.headers ?? {})
    this.#roles.value = endpoint?.roles ?? "guest"
    this.#forRoles.hidden = !ownRole() // where there are no accounts, all are one
    this.#proxy.value = proxy === "auto" || proxy === "none" ? proxy : "own"
    this.#proxyAddress.value = this.#proxy.value === "own" ? proxy : ""
    for (const [index, [name]] of NUMBERS.entries()) this.#numbers[index].value = String(endpoint?.[name] ?? "")
    this.#details.open = false
    this.#onProxy()
  }

  /** Show what is in it. */
  reveal() {
    this.#details.open = true
  }

  /** @returns {Changes} */
  get changes() {
    const proxy = this.#proxy.value === "own" ? this.#proxyAddress.value.trim() : this.#proxy.value
    const numbers = NUMBERS.map(([name], index) => {
      const { value } = this.#numbers[index]
      return [name, value === "" ? null : Number(value)]
    })
    return { headers: this.#headers.changes, proxy, ...ownRole() && { roles: /** @type {Endpoint["roles"]} */ (this.#roles.value) }, ...Object.fromEntries(numbers) }
  }

  #onProxy() {
    this.#ownProxy.hidden = this.#proxyAddress.disabled = this.#proxy.value !== "own"
  }
}

customElements.define("endpoint-more", EndpointMore)
