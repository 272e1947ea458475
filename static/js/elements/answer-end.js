/** @file What stands below an answer that has ended: how it did, what can be done, and its numbers. */

import { copyButton } from "../dom/clipboard.js"
import { gauge } from "../dom/gauge.js"
import { h, icon, iconButton } from "../dom/h.js"
import { emitter, menuButton, pager } from "../dom/message-tools.js"
import { explained } from "../lib/problems.js"
import { effect } from "../lib/signal.js"
import { capital } from "../lib/status.js"
import { t } from "../lib/t.js"
import { canContinue, wholeText } from "../lib/whole.js"
import { contextNote, ending, LOST, promptStats, stats, totalStats, whoAnswered } from "../lib/words.js"
import { reading, stopReading } from "../state/reading-aloud.js"

/** @typedef {import("../types.js").Reply} Reply @typedef {import("../types.js").Shown} Shown */

/** Emits `again`, `continue`, `turn` and `message-menu`, each with the `id` of the message. */
export class AnswerEnd extends HTMLElement {
  #note = h("p", {})
  #noted = h("div", { class: "note", hidden: true }, this.#note)
  #problem = h("div", { class: "problem", hidden: true })
  #context = h("p", { class: "context-note", hidden: true })
  #foot = h("footer", { class: "answer-foot message-foot" })
  #id = ""
  #shown = ""
  #emit = emitter(this)
  #voice = h("button", { type: "button", class: "voice-button", hidden: true, onclick: () => this.#onVoice() },
    icon("stop"), t("answer.stopReading"))
  #end = () => {}

  connectedCallback() {
    this.#end = effect(() => this.#showVoice(reading.get()))

    if (!this.firstChild) this.append(this.#noted, this.#problem, this.#context, this.#foot)
  }

  disconnectedCallback() {
    this.#end()
    if (this.#isRead) stopReading() // the answer is not in view any more
  }

  /** @param {Reply} reply @param {Shown} shown */
  show(reply, shown) {
    const { message, siblings, last, unsent, fill = null, total = null, price = null } = shown
    const now = JSON.stringify([message.id, siblings, last, unsent, fill, total, price, reply])
    if (now === this.#shown) return // the focus may be on one of its buttons
    this.#shown = now
    this.#id = message.id
    this.#showVoice(reading.get())
    const problem = reply.done ? null : reply.failed ?? LOST
    const goOn = last && !unsent && canContinue(reply) ? this.#button(t("answer.continue"), "continue") : null
    this.#showNote(ending(reply), goOn)
    this.#problem.hidden = !problem
    if (problem) {
      const { text, detail } = explained(problem)
      this.#problem.replaceChildren(h("p", { dir: "auto" }, text, detail && h("small", { lang: "en", dir: "auto" }, detail)),
        h("span", { class: "ways-on" }, goOn, this.#button(t("answer.tryAgain"), "again")))
    }
    this.#context.textContent = contextNote(fill, message.model ?? "")
    this.#context.hidden = !this.#context.textContent
    this.#foot.replaceChildren(...this.#tools(reply, shown), numbers(reply, shown))
  }

  get #isRead() {
    return this.#id !== "" && reading.get() === this.#id
  }

  /** @param {string|null} read */
  #showVoice(read) {
    this.#voice.hidden = read === null || read !== this.#id
  }

  /** The button goes: the focus stays in the row. */
  #onVoice() {
    const more = /** @type {HTMLElement|null} */ (this.querySelector("[data-menu]"))
    more?.focus({ preventScroll: true })
    stopReading()
  }

  /** @param {string} note @param {HTMLElement|null} goOn */
  #showNote(note, goOn) {
    this.#note.textContent = note
    this.#noted.hidden = !note
    this.#noted.replaceChildren(this.#note, ...(note && goOn ? [goOn] : []))
  }

  /** @param {string} label @param {string} name */
  #button(label, name) {
    return h("button", { type: "button", class: "button", onclick: () => this.#emit(name, { id: this.#id }) }, label)
  }

  /** @param {Reply} reply @param {Shown} shown */
  #tools(reply, { message, siblings, unsent }) {
    const copy = wholeText(reply) ? copyButton(t("answer.copy"), () => wholeText(reply)) : null
    const again = reply.done && iconButton("again", t("answer.again"), () => this.#emit("again", { id: this.#id }))
    const more = unsent ? null : menuButton(message, this.#emit)
    return /** @type {Node[]} */ ([pager(message.id, siblings, "answer", this.#emit), copy, again, more, this.#voice].filter(Boolean))
  }
}

/** The endpoint is named where there are several to choose from (ending.css). @param {Reply} reply @param {Shown} shown */
function numbers(reply, { fill = null, total = null, price = null }) {
  const who = whoAnswered(reply)
  const place = who?.instead
    ? h("span", { class: "badge" }, t("answer.instead", { place: capital(who.place), instead: who.instead }))
    : who && h("span", { class: "place" }, ` · ${who.place}`)
  const prompt = promptStats(reply)
  const all = totalStats(total)
  return h("span", { class: "stats" }, stats(reply, price), prompt && h("span", { class: "prompt-stats" }, `\u00a0· ${prompt}`), who?.instead ? " " : null, place, fill && " ", gauge(fill), all && h("span", { class: "total-stats" }, `\u00a0· ${all}`))
}

customElements.define("answer-end", AnswerEnd)
