/** @file One call of a tool: what it was called with, what it gave, and, where somebody has to decide, how. */

import { announce } from "../dom/announce.js"
import { h, icon } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { serverWords, t } from "../lib/t.js"
import { nameOf, readable, stateOf } from "../lib/tool-words.js"

/** @typedef {import("../types.js").ToolRun} ToolRun @typedef {"once"|"tool"|"server"|"deny"} Decision */

const WHY = /** @type {const} */ ({ new: "tool.why.new", changed: "tool.why.changed", untrusted: "tool.why.untrusted" })
const TOLD = /** @type {const} */ ({ waiting: "tool.told.waiting", done: "tool.told.done", failed: "tool.told.failed" })

/** Emits `decide-tool` with `{job, call, decision, failed}`; `failed` is called where that could not be told. */
export class ToolCard extends HTMLElement {
  #name = h("strong", { dir: "auto" })
  #server = h("span", { class: "tool-server", dir: "auto" })
  #state = h("span", { class: "tool-state" })
  #summary = h("summary", {}, icon("tool"), h("span", { class: "tool-name" }, this.#name, " ", this.#server), this.#state, icon("chevron"))
  #given = h("pre", { tabindex: "0", role: "group", dir: "ltr", "aria-label": t("tool.arguments") })
  #got = h("pre", { tabindex: "0", role: "group", dir: "auto", "aria-label": t("tool.result") })
  #givenPart = h("div", {}, h("p", { class: "tool-label" }, t("tool.arguments")), this.#given)
  #gotPart = h("div", {}, h("p", { class: "tool-label" }, t("tool.result")), this.#got)
  #details = h("details", {}, this.#summary, h("div", { class: "tool-parts" }, this.#givenPart, this.#gotPart))
  #question = h("p", { class: "tool-question" })
  #about = h("p", { class: "tool-about", dir: "auto" })
  #why = h("p", { class: "tool-why" })
  #once = this.#button("once", "tool.once", "button main-button")
  #always = [this.#button("tool", "tool.always", "button"), this.#button("server", "tool.alwaysServer", "button")]
  #ask = h("div", { class: "tool-ask", hidden: true }, this.#question, this.#about, this.#why,
    h("div", { class: "tool-buttons" }, this.#once, ...this.#always, this.#button("deny", "tool.deny", "button")))
  #emit = emitter(this)
  /** @type {string|null} */
  #job = null
  #call = ""
  #known = ""
  /** @type {ToolRun["state"]|null} */
  #was = null

  connectedCallback() {
    if (!this.firstChild) this.append(h("div", { class: "tool-card", role: "group" }, this.#details, this.#ask))
  }

  /** @param {ToolRun} run @param {string|null} job that waits for a decision; null where none does any more */
  show(run, job) {
    const known = JSON.stringify([run, job])
    if (known === this.#known) return // somebody may read in it, or be about to press a button
    this.#known = known
    this.#job = job
    this.#call = run.id
    const card = /** @type {HTMLElement} */ (this.firstElementChild)
    card.dataset.state = run.state
    card.setAttribute("aria-label", t("tool.label", { name: nameOf(run) }))
    this.#name.textContent = nameOf(run)
    this.#server.textContent = run.tool ? `· ${run.server}` : ""
    this.#state.textContent = stateOf(run)
    this.#showParts(run)
    this.#showAsk(run, run.state === "waiting" && job !== null)
    this.#tell(run, job)
    this.#was = run.state
  }

  /** @param {ToolRun} run */
  #showParts({ arguments: written, result: said, code }) {
    const given = written ? readable(written) : ""
    const result = [serverWords(code), said].filter(Boolean).join("\n\n")
    this.#givenPart.hidden = !given
    this.#gotPart.hidden = !result
    if (this.#given.textContent !== given) this.#given.textContent = given
    if (this.#got.textContent !== result) this.#got.textContent = result
  }

  /** @param {ToolRun} run @param {boolean} waits */
  #showAsk(run, waits) {
    const held = this.#ask.contains(document.activeElement)
    this.#question.textContent = t("tool.question", { name: nameOf(run), server: run.server })
    this.#about.textContent = run.description ?? ""
    this.#about.hidden = !run.description
    this.#why.textContent = t(WHY[run.why ?? "new"])
    for (const one of this.#always) one.hidden = run.why === "untrusted" // that would not change the next time
    this.#ask.hidden = !waits
    this.#setBusy(false)
    if (waits) this.#details.open = true // who decides has seen what with
    else if (this.#was === "waiting") this.#details.open = false
    if (held && !waits) this.#summary.focus({ preventScroll: true })
  }

  /** Only what happens while it is watched. @param {ToolRun} run @param {string|null} job */
  #tell(run, job) {
    const key = TOLD[/** @type {keyof typeof TOLD} */ (run.state)]
    const began = this.#was !== null || run.state === "waiting"
    if (job !== null && key && began && this.#was !== run.state) announce(t(key, { name: nameOf(run) }))
  }

  /** @param {Decision} decision @param {"tool.once"|"tool.always"|"tool.alwaysServer"|"tool.deny"} label @param {string} kind */
  #button(decision, label, kind) {
    return h("button", { type: "button", class: kind, "data-decision": decision, onclick: () => this.#decide(decision) }, t(label))
  }

  /** @param {Decision} decision */
  #decide(decision) {
    if (this.#ask.getAttribute("aria-busy") === "true") return // it was clicked twice
    this.#setBusy(true)
    this.#emit("decide-tool", { job: this.#job, call: this.#call, decision, failed: () => this.#setBusy(false) })
  }

  /** The buttons stay where they are: one of them has the focus. @param {boolean} busy */
  #setBusy(busy) {
    this.#ask.setAttribute("aria-busy", String(busy))
  }
}

customElements.define("tool-card", ToolCard)
