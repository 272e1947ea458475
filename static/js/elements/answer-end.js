/** @file What stands below an answer that has ended: how it did, what can be done, and its numbers. */

import { copyButton } from "../dom/clipboard.js"
import { h, iconButton } from "../dom/h.js"
import { capital } from "../lib/status.js"
import { canContinue, wholeText } from "../lib/whole.js"
import { ending, LOST, stats, whoAnswered } from "../lib/words.js"

/** @typedef {import("../types.js").Reply} Reply */

/** Emits `again` and `continue`, and `turn` with the version to show. */
export class AnswerEnd extends HTMLElement {
  #note = h("p", {})
  #noted = h("div", { class: "note", hidden: true }, this.#note)
  #problem = h("div", { class: "problem", hidden: true })
  #foot = h("footer", { class: "answer-foot" })

  connectedCallback() {
    if (!this.firstChild) this.append(this.#noted, this.#problem, this.#foot)
  }

  /** @param {Reply} reply @param {Reply[]} versions of this answer, oldest first */
  show(reply, versions) {
    const latest = reply === versions[versions.length - 1]
    const problem = reply.done ? null : reply.failed ?? LOST
    const goOn = latest && canContinue(reply) ? this.#button("Continue", "continue") : null
    this.#showNote(ending(reply), goOn)
    this.#problem.hidden = !problem
    if (problem) {
      this.#problem.replaceChildren(h("p", { dir: "auto" }, problem.message),
        h("span", { class: "ways-on" }, goOn, this.#button("Try again", "again")))
    }
    this.#foot.replaceChildren(...this.#tools(reply, versions), numbers(reply))
  }

  /** @param {string} note @param {HTMLElement|null} goOn */
  #showNote(note, goOn) {
    this.#note.textContent = note
    this.#noted.hidden = !note
    this.#noted.replaceChildren(this.#note, ...(note && goOn ? [goOn] : []))
  }

  /** @param {string} label @param {string} name */
  #button(label, name) {
    return h("button", { type: "button", class: "button", onclick: () => this.#emit(name) }, label)
  }

  /** @param {Reply} reply @param {Reply[]} versions */
  #tools(reply, versions) {
    const pager = versions.length > 1 ? this.#pager(versions.indexOf(reply), versions) : null
    const copy = wholeText(reply) ? copyButton("Copy answer", () => wholeText(reply)) : null
    const again = reply.done && iconButton("again", "Answer again", () => this.#emit("again"))
    return /** @type {Node[]} */ ([pager, copy, again].filter(Boolean))
  }

  /** The answers that were given in this place before. @param {number} at @param {Reply[]} versions */
  #pager(at, versions) {
    const back = iconButton("back", "Earlier answer", () => this.#turn(versions[at - 1], true))
    const forth = iconButton("forth", "Later answer", () => this.#turn(versions[at + 1], false))
    back.disabled = at === 0
    forth.disabled = at === versions.length - 1
    return h("span", { class: "pager" }, back, `${at + 1}/${versions.length}`, forth)
  }

  /** The buttons are made anew: the focus stays on one of them. @param {Reply} version @param {boolean} earlier */
  #turn(version, earlier) {
    this.dispatchEvent(new CustomEvent("turn", { detail: version }))
    const [back, forth] = this.#foot.querySelectorAll("button")
    const [same, other] = earlier ? [back, forth] : [forth, back]
    const button = same.disabled ? other : same
    button.focus()
  }

  /** @param {string} name */
  #emit(name) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true }))
  }
}

/** The endpoint is named where there are several to choose from (ending.css). @param {Reply} reply */
function numbers(reply) {
  const who = whoAnswered(reply)
  const place = who?.instead
    ? h("span", { class: "badge" }, `${capital(who.place)} instead of ${who.instead}`)
    : who && h("span", { class: "place" }, ` · ${who.place}`)
  return h("span", { class: "stats" }, stats(reply), who?.instead ? " " : null, place)
}

customElements.define("answer-end", AnswerEnd)
