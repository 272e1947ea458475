/** @file The settings of the endpoints: which are set up, what runs on this machine, and one that is being changed. */

import { h } from "../dom/h.js"
import { inOneLine } from "../lib/problems.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { EndpointList } from "../state/endpoints.js"
import { EndpointForm } from "./endpoint-form.js"
import { EndpointRow } from "./endpoint-row.js"
import { FoundServers } from "./found-servers.js"

/** @typedef {import("../lib/endpoints-api.js").Endpoint} Endpoint @typedef {import("../lib/endpoints-api.js").Endpoints} Endpoints */

/** Emits `models-changed`. */
export class EndpointSettings extends HTMLElement {
  #list = new EndpointList()
  #problems = h("div", { class: "endpoint-problems", role: "status" })
  #note = h("p", { class: "endpoint-note" })
  #rows = h("ul", { class: "endpoint-list", "aria-label": t("ep.title") })
  #keys = h("p", { class: "endpoint-note" })
  #add = h("button", { type: "button", class: "button main-button", onclick: () => this.#edit(null) }, t("ep.add"))
  #found = new FoundServers()
  #overview = h("div", {}, this.#problems, this.#note, this.#rows, this.#add, this.#found, this.#keys)
  #form = new EndpointForm()
  /** @type {Map<string, EndpointRow>} */
  #known = new Map()
  #end = () => {}

  connectedCallback() {
    if (!this.firstChild) this.#build()
    this.#found.watch(this.#list)
    const seen = new IntersectionObserver((entries) => this.#onSeen(entries.some((entry) => entry.isIntersecting)))
    seen.observe(this.#overview)
    const end = effect(() => this.#show(this.#list.all.get(), this.#list.problem.get()))
    this.#end = () => [seen.disconnect(), end(), this.#list.watch(false)]
  }

  disconnectedCallback() {
    this.#end()
  }

  #build() {
    this.#form.hidden = true
    this.#form.save = (id, changes) => this.#list.save(id, changes).then(() => this.#changed())
    this.append(this.#overview, this.#form)
    /** @type {Record<string, (detail: {endpoint: Endpoint, enabled: boolean}) => void>} */
    const deeds = {
      "endpoint-edit": ({ endpoint }) => this.#edit(endpoint),
      "endpoint-up": ({ endpoint }) => this.#moveUp(endpoint),
      "endpoint-remove": ({ endpoint }) => this.#remove(endpoint),
      "endpoint-switch": ({ endpoint, enabled }) => this.#attempt(this.#list.save(endpoint.id, { enabled })),
      "endpoint-tried": () => this.#list.load(),
      "form-done": () => this.#endEdit(),
    }
    for (const [name, deed] of Object.entries(deeds)) {
      this.addEventListener(name, (event) => deed(/** @type {CustomEvent} */ (event).detail))
    }
  }

  /** @param {boolean} seen */
  #onSeen(seen) {
    this.#list.watch(seen)
    if (seen && this.#list.found.get() === null) this.#list.look()
  }

  /** @param {Endpoints|null} all @param {string} problem */
  #show(all, problem) {
    const items = all?.items ?? []
    const told = [problem, ...(all?.problems ?? [])].filter(Boolean)
    this.#problems.replaceChildren(...told.map((text) => h("p", { dir: "auto" }, text)))
    this.#note.textContent = problem && !all ? "" : !all ? t("ep.reading") : items.length ? t("ep.text") : t("ep.none")
    this.#keys.textContent = all ? t(all.key_store === "keyring" ? "ep.inKeyring" : "ep.inFile") : ""
    for (const id of this.#known.keys()) if (!items.some((one) => one.id === id)) this.#known.delete(id)
    const [first] = items.filter((one) => one.source === "page")
    for (const item of items) this.#row(item.id).show(item, item !== first)
    const rows = items.map((item) => /** @type {Element} */ (this.#row(item.id).parentElement))
    if (rows.length !== this.#rows.children.length || rows.some((row, index) => row !== this.#rows.children[index])) this.#rows.replaceChildren(...rows)
  }

  /** @param {string} id */
  #row(id) {
    const known = this.#known.get(id) ?? new EndpointRow()
    if (!known.parentElement) h("li", {}, known)
    this.#known.set(id, known)
    return known
  }

  /** @param {Endpoint|null} endpoint */
  #edit(endpoint) {
    this.#overview.hidden = true
    this.#form.hidden = false
    this.#form.open(endpoint)
    this.#form.dataset.id = endpoint?.id ?? ""
  }

  #endEdit() {
    this.#form.hidden = true
    this.#overview.hidden = false
    const origin = this.#known.get(this.#form.dataset.id ?? "") ?? this.#add
    origin.focus()
  }

  /** @param {Endpoint} endpoint */
  async #moveUp({ id }) {
    const own = (this.#list.all.get()?.items ?? []).filter((one) => one.source === "page")
    await this.#attempt(this.#list.save(id, { position: Math.max(0, own.findIndex((one) => one.id === id) - 1) }))
    this.#row(id).focus() // it was moved, and may be the first one now
  }

  /** @param {Endpoint} endpoint */
  async #remove({ id, name }) {
    const dialog = /** @type {import("./confirm-dialog.js").ConfirmDialog} */ (document.querySelector("confirm-dialog"))
    if (!await dialog.ask(t("ep.removeTitle"), t("ep.removeText", { name }), t("files.remove"))) return
    this.#add.focus() // the button goes
    await this.#attempt(this.#list.remove(id))
    this.#list.look()
  }

  /** @param {Promise<void>} work */
  #attempt(work) {
    return work.then(() => this.#changed(), async (error) => {
      await this.#list.load() // what is so after all
      this.#problems.replaceChildren(h("p", { dir: "auto" }, inOneLine(error)))
    })
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("models-changed", { bubbles: true }))
  }
}

customElements.define("endpoint-settings", EndpointSettings)
