/** @file The model servers that run on the machine of the server: each can be set up with one click. */

import { h } from "../dom/h.js"
import { inOneLine } from "../lib/problems.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"

/** @typedef {import("../state/endpoints.js").EndpointList} EndpointList @typedef {import("../lib/endpoints-api.js").Found} Found */

export class FoundServers extends HTMLElement {
  #heading = h("h3", { id: "found-title", tabindex: "-1" }, t("ep.found"))
  #told = h("p", { class: "endpoint-note", role: "status" })
  #list = h("ul", { class: "found-list" })
  #again = h("button", { type: "button", class: "button small-button", onclick: () => this.#look() }, t("ep.lookAgain"))
  /** @type {EndpointList|null} */
  #endpoints = null
  #end = () => {}

  connectedCallback() {
    if (!this.firstChild) this.append(this.#heading, this.#told, this.#list, this.#again)
  }

  disconnectedCallback() {
    this.#end()
  }

  /** @param {EndpointList} list */
  watch(list) {
    this.#endpoints = list
    this.#end = effect(() => this.#show(list.found.get()))
  }

  /** @param {Found[]|null} found */
  #show(found) {
    const fresh = (found ?? []).filter((one) => !one.added)
    this.#again.hidden = found === null
    this.#told.textContent = found === null ? t("ep.looking") : fresh.length ? "" : found.length ? t("ep.allAdded") : t("ep.noneFound")
    this.#list.replaceChildren(...fresh.map((one) => this.#row(one)))
  }

  #look() {
    this.#heading.focus() // the button goes
    this.#endpoints?.look()
  }

  /** @param {Found} one */
  #row(one) {
    const label = t("ep.addOne", { name: one.name })
    return h("li", {}, h("span", { class: "endpoint-words" }, h("strong", {}, one.name), h("small", { dir: "ltr" }, one.base_url),
      h("small", { dir: "auto" }, t("choose.count", { count: one.models.length }))),
      h("button", { type: "button", class: "button small-button", "aria-label": label, onclick: () => this.#add(one) }, t("composer.add")))
  }

  /** @param {Found} one */
  async #add({ name, base_url: address }) {
    this.#heading.focus() // the button goes
    try {
      await this.#endpoints?.save(null, { name, base_url: address })
      await this.#endpoints?.look()
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
  }
}

customElements.define("found-servers", FoundServers)
