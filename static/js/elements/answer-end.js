/** @file What stands below an answer that has ended: how it did, what can be done, and its numbers. */

import { copyButton } from "../dom/clipboard.js"
import { h, iconButton } from "../dom/h.js"
import { emitter, menuButton, pager } from "../dom/message-tools.js"
import { explained } from "../lib/problems.js"
import { capital } from "../lib/status.js"
import { t } from "../lib/t.js"
import { canContinue, wholeText } from "../lib/whole.js"
import { ending, LOST, stats, whoAnswered } from "../lib/words.js"

/** @typedef {import("../types.js").Reply} Reply @typedef {import("../types.js").Shown} Shown */

/** Emits `again`, `continue`, `turn` and `message-menu`, each with the `id` of the message. */
export class AnswerEnd extends HTMLElement {
  #note = h("p", {})
  #noted = h("div", { class: "note", hidden: true }, this.#note)
  #problem = h("div", { class: "problem", hidden: true })
  #foot = h("footer", { class: "answer-foot message-foot" })
  #id = ""
  #shown = ""
  #emit = emitter(this)

  connectedCallback() {
    if (!this.firstChild) this.append(this.#noted, this.#problem, this.#foot)
  }

  /** @param {Reply} reply @param {Shown} shown */
  show(reply, shown) {
    const { message, siblings, last, unsent } = shown
    const now = JSON.stringify([message.id, siblings, last, unsent, reply])
    if (now === this.#shown) return // the focus may be on one of its buttons
    this.#shown = now
    this.#id = message.id
    const problem = reply.done ? null : reply.failed ?? LOST
    const goOn = last && !unsent && canContinue(reply) ? this.#button(t("answer.continue"), "continue") : null
    this.#showNote(ending(reply), goOn)
    this.#problem.hidden = !problem
    if (problem) {
      const { text, detail } = explained(problem)
      this.#problem.replaceChildren(h("p", { dir: "auto" }, text, detail && h("small", { lang: "en", dir: "auto" }, detail)),
        h("span", { class: "ways-on" }, goOn, this.#button(t("answer.tryAgain"), "again")))
    }
    this.#foot.replaceChildren(...this.#tools(reply, shown), numbers(reply))
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
    return /** @type {Node[]} */ ([pager(message.id, siblings, "answer", this.#emit), copy, again, more].filter(Boolean))
  }
}

/** The endpoint is named where there are several to choose from (ending.css). @param {Reply} reply */
function numbers(reply) {
  const who = whoAnswered(reply)
  const place = who?.instead
    ? h("span", { class: "badge" }, t("answer.instead", { place: capital(who.place), instead: who.instead }))
    : who && h("span", { class: "place" }, ` · ${who.place}`)
  return h("span", { class: "stats" }, stats(reply), who?.instead ? " " : null, place)
}

customElements.define("answer-end", AnswerEnd)
