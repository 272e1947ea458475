/** @file The request that an endpoint will get, as JSON or as a command, to look at and to copy. */

import { copyButton } from "../dom/clipboard.js"
import { choices } from "../dom/fields.js"
import { h } from "../dom/h.js"
import { t } from "../lib/t.js"

export class SentView extends HTMLElement {
  #form = "json"
  #forms = choices("sent", t("sent.title"), [["json", t("sent.json")], ["curl", t("sent.curl")]], (form) => {
    this.#form = form
    this.#show()
  })
  #place = h("p", { class: "sent-place", dir: "ltr" })
  #code = h("code", { class: "sent-code" })
  #note = h("p", { class: "sent-note" })
  #copy = copyButton(t("sent.copy"), () => this.#code.textContent ?? "")
  /** @type {import("../lib/rehearsal.js").Rehearsed|null} */
  #sent = null

  connectedCallback() {
    if (this.firstChild) return
    for (const radio of this.#forms.querySelectorAll("input")) radio.checked = radio.value === this.#form
    this.append(h("div", { class: "sent-head" }, h("h3", { id: "sent-title" }, t("sent.title")), this.#forms, this.#copy),
      h("p", { class: "sent-note" }, t("sent.text")), this.#place,
      h("pre", { class: "sent", tabindex: "0", role: "region", "aria-labelledby": "sent-title", dir: "ltr" }, this.#code), this.#note)
  }

  /** @param {import("../lib/rehearsal.js").Rehearsed|null} sent null: it is not known, since a setting is wrong */
  set sent(sent) {
    this.toggleAttribute("data-old", sent === null)
    if (sent) this.#sent = sent
    this.#show()
  }

  #show() {
    if (!this.#sent) return
    const { url, body, curl, shortened, endpoint } = this.#sent
    this.#place.textContent = url ? `POST ${url}` : t("sent.builtin", { endpoint })
    this.#code.textContent = this.#form === "json" || !curl ? JSON.stringify(body, null, 2) : curl
    for (const radio of this.#forms.querySelectorAll("input")) radio.disabled = !curl && radio.value === "curl"
    this.#note.textContent = [shortened && t("sent.shortened"), curl && this.#form === "curl" && t("sent.key")].filter(Boolean).join(" ")
  }
}

customElements.define("sent-view", SentView)
