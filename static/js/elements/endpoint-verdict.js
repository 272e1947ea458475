/** @file What came of trying an endpoint: the steps that were taken, and what is to be done. */

import { h, icon } from "../dom/h.js"
import { stepName, verdictOf } from "../lib/endpoint-words.js"
import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/endpoints-api.js").Verdict} Verdict */

/** Emits `suggested` with an address that works. */
export class EndpointVerdict extends HTMLElement {
  /** A later trial makes an earlier one worthless. */
  #round = 0

  connectedCallback() {
    this.setAttribute("role", "status")
  }

  /** @param {Promise<Verdict>} trial @returns {Promise<Verdict|null>} null: it could not be tried, or something else is */
  async show(trial) {
    const round = ++this.#round
    this.dataset.state = "running"
    this.replaceChildren(h("p", {}, t("ep.testing")))
    try {
      const verdict = await trial
      if (round !== this.#round) return null
      this.#tell(verdict)
      return verdict
    } catch (error) {
      if (round === this.#round) this.clear()
      throw error
    }
  }

  clear() {
    this.#round++
    delete this.dataset.state
    this.replaceChildren()
  }

  /** @param {Error} error */
  fail(error) {
    this.dataset.state = "failed"
    this.replaceChildren(h("p", {}, inOneLine(error)))
  }

  /** @param {Verdict} verdict */
  #tell(verdict) {
    const { text, detail } = verdictOf(verdict)
    this.dataset.state = verdict.ok ? "ok" : "failed"
    this.replaceChildren(
      h("ul", { class: "trial-steps" }, ...verdict.steps.map((step) => h("li", { class: step.ok ? "passed" : "failed" },
        icon(step.ok ? "check" : "close"), h("span", {}, stepName(step)),
        h("span", { class: "visually-hidden" }, t(step.ok ? "ep.passed" : "ep.failed"))))),
      h("p", { dir: "auto" }, text), detail && h("small", { dir: "auto" }, detail),
      verdict.suggestion && h("button", { type: "button", class: "button", onclick: () => this.#suggest(verdict.suggestion) },
        t("ep.use", { url: verdict.suggestion })))
    this.scrollIntoView({ block: "nearest" })
  }

  /** @param {string} address */
  #suggest(address) {
    this.dispatchEvent(new CustomEvent("suggested", { detail: address, bubbles: true }))
  }
}

customElements.define("endpoint-verdict", EndpointVerdict)
