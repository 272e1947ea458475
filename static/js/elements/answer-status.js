/** @file The line of an answer that is waited for. It keeps the room of what comes in its place. */

import { announce } from "../dom/announce.js"
import { h } from "../dom/h.js"
import { statusLine } from "../lib/status.js"
import { t } from "../lib/t.js"
import { wholeText, wholeThoughts } from "../lib/whole.js"

/** @typedef {import("../state/run.js").Run} Run @typedef {import("../lib/status.js").Line} Line */

const TICK_MILLISECONDS = 250
const BACK_MILLISECONDS = 2500 // as long as it is shown that the connection is there again
const BACK = t("told.connected")
const UNTOLD = new Set(["", "sending"]) // the question itself was announced
const DISCONNECTED = new Set(["lost", "offline", "restarting"])

export class AnswerStatus extends HTMLElement {
  #line = h("p", { class: "waiting", hidden: true })
  #why = h("p", { class: "waiting-why", dir: "auto" })
  #timer = 0
  #kind = ""
  #back = -Infinity // since when
  /** @type {Set<string>} */
  #told = new Set()
  /** @type {Run|null} */
  #run = null

  connectedCallback() {
    if (!this.firstChild) this.append(this.#line, this.#why)
  }

  disconnectedCallback() {
    this.follow(null)
  }

  /** @param {Run|null} run null: the answer has ended */
  follow(run) {
    if (run === this.#run) return
    this.#run = run
    this.#kind = ""
    this.#back = -Infinity
    this.#told.clear()
    this.paint()
  }

  paint() {
    const run = this.#run
    const line = run && statusLine(run.reply, run.asked / 1000, Date.now() / 1000, run.connection)
    this.hidden = !run
    this.toggleAttribute("data-below", Boolean(run && (wholeText(run.reply) || wholeThoughts(run.reply))))
    if (run) this.#tell(line)
    const isBack = run !== null && performance.now() - this.#back < BACK_MILLISECONDS
    this.#show(line ?? (isBack ? { kind: "back", text: BACK, why: "" } : null))
    this.#tick(line !== null || isBack)
  }

  /** @param {Line|null} line */
  #show(line) {
    this.#line.hidden = !line
    write(this.#line, line?.text ?? "")
    write(this.#why, line?.why ?? "")
  }

  /** Each kind once, and each loss of the connection with its end. @param {Line|null} line */
  #tell(line) {
    const before = this.#kind
    this.#kind = line?.kind ?? ""
    if (this.#kind === before) return
    if (DISCONNECTED.has(before) && !DISCONNECTED.has(this.#kind)) this.#onBack()
    const what = `${this.#kind} ${line?.why}`
    if (!line || UNTOLD.has(line.kind) || this.#told.has(what)) return
    if (!DISCONNECTED.has(line.kind)) this.#told.add(what)
    announce([line.why, line.text].filter(Boolean).join(" "))
  }

  #onBack() {
    this.#back = performance.now()
    announce(BACK)
  }

  /** It counts by itself between the events. @param {boolean} wanted */
  #tick(wanted) {
    if (wanted === (this.#timer !== 0)) return
    clearInterval(this.#timer)
    this.#timer = wanted ? setInterval(() => this.paint(), TICK_MILLISECONDS) : 0
  }
}

/** Nothing is touched that stays. @param {HTMLElement} element @param {string} text */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}

customElements.define("answer-status", AnswerStatus)
