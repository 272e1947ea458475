/** @file One endpoint of the list: how it is, and what can be done with it. */

import { toggle } from "../dom/fields.js"
import { h, iconButton } from "../dom/h.js"
import { keyOf, lockOf, nameOf, stateOf, troubleOf } from "../lib/endpoint-words.js"
import { tryOut } from "../lib/endpoints-api.js"
import { t } from "../lib/t.js"
import { EndpointVerdict } from "./endpoint-verdict.js"

/** @typedef {import("../lib/endpoints-api.js").Endpoint} Endpoint */

/** Emits `endpoint-edit`, `-up`, `-remove`, `-switch` and `-tried`, each with the endpoint. */
export class EndpointRow extends HTMLElement {
  #name = h("strong", { dir: "auto" })
  #state = h("span", { class: "endpoint-state" })
  #address = h("small", { dir: "ltr", class: "endpoint-address" })
  #facts = h("small", {})
  #trouble = h("small", { class: "endpoint-trouble", dir: "auto" })
  #verdict = new EndpointVerdict()
  #switch = toggle((on) => this.#emit("switch", { enabled: on }))
  #test = h("button", { type: "button", class: "button small-button", onclick: () => this.#try() }, t("ep.test"))
  #up = iconButton("send", t("ep.up"), () => this.#emit("up"))
  #edit = iconButton("edit", t("message.edit"), () => this.#emit("edit"))
  #remove = iconButton("trash", t("files.remove"), () => this.#emit("remove"))
  /** @type {Endpoint|null} */
  endpoint = null

  connectedCallback() {
    if (this.firstChild) return
    this.append(
      h("div", { class: "endpoint-words" }, h("span", { class: "endpoint-head" }, this.#name, this.#state), this.#address, this.#facts, this.#trouble),
      h("div", { class: "endpoint-deeds" }, this.#test, this.#up, this.#edit, this.#remove, this.#switch), this.#verdict)
  }

  /** @param {Endpoint} endpoint @param {boolean} movable whether another one is asked before it, and need not be */
  show(endpoint, movable) {
    this.endpoint = endpoint
    const name = nameOf(endpoint)
    const locked = endpoint.source !== "page"
    this.#name.textContent = name
    this.#state.textContent = stateOf(endpoint)
    this.#state.className = `endpoint-state ${endpoint.state}`
    this.#address.textContent = endpoint.base_url
    this.#facts.textContent = [endpoint.model, keyOf(endpoint), lockOf(endpoint)].filter(Boolean).join(" · ")
    this.#trouble.textContent = troubleOf(endpoint)
    this.#test.hidden = endpoint.embedded
    for (const part of [this.#edit, this.#remove, this.#switch]) part.hidden = locked
    this.#up.hidden = locked || !movable
    this.#switch.checked = endpoint.enabled
    this.#switch.setAttribute("aria-label", t("ep.switch", { name }))
    for (const button of [this.#test, this.#up, this.#edit, this.#remove]) {
      const label = button.title || (button.textContent ?? "")
      button.setAttribute("aria-label", t("files.labelled", { label, name }))
    }
  }

  /** The focus goes to what can be done with it. */
  focus() {
    const target = this.#edit.hidden ? this.#test : this.#edit
    target.focus()
  }

  async #try() {
    if (!this.endpoint) return
    await this.#verdict.show(tryOut(this.endpoint.id, {})).catch((error) => this.#verdict.fail(error))
    this.#emit("tried")
  }

  /** @param {string} name @param {object} [more] */
  #emit(name, more) {
    this.dispatchEvent(new CustomEvent(`endpoint-${name}`, { detail: { endpoint: this.endpoint, ...more }, bubbles: true }))
  }
}

customElements.define("endpoint-row", EndpointRow)
