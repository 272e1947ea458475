/** @file One message: a question as it was typed, or an answer in any of its states. */

import { copyButton } from "../dom/clipboard.js"
import { h, iconButton } from "../dom/h.js"
import { MarkdownView } from "../dom/markdown-view.js"
import { Painter } from "../dom/painter.js"
import { emptyReply, isFinal } from "../lib/reply.js"
import { ending, LOST, stats, waiting } from "../lib/words.js"
import { ThoughtBlock } from "./thought-block.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Reply} Reply */
/** @typedef {import("../state/run.js").Run} Run */

/** Emits `again` when the answer is to be asked for again. */
export class ChatMessage extends HTMLElement {
  #reply = emptyReply()
  /** @type {Reply[]} the versions of this answer, oldest first */
  #versions = []
  /** @type {Run|null} */
  #run = null
  #asked = 0
  #timer = 0
  #painter = new Painter(() => this.#paint())
  #content = h("div", { class: "prose", dir: "auto" })
  #view = new MarkdownView(this.#content)
  #thoughts = new ThoughtBlock()
  #waiting = h("p", { class: "waiting" })
  #note = h("p", { class: "note", hidden: true })
  #problem = h("div", { class: "problem", hidden: true })
  #foot = h("footer", { class: "answer-foot" })

  disconnectedCallback() {
    this.#follow(null)
    this.#painter.cancel()
  }

  /** @param {Message} message @param {Run|null} run the answer in the making, if it is one */
  show(message, run) {
    if (message.role === "user") return this.#showQuestion(message.content)
    if (!this.#content.isConnected) this.#build()
    this.#asked = message.asked
    this.#versions = [...message.earlier, message.reply]
    this.#reply = run ? run.reply : message.reply
    this.#follow(run)
    this.#painter.flush()
  }

  /** Only its text, where it is not shown yet. @param {Message} message */
  showText(message) {
    if (this.firstChild || message.role === "user") return
    this.append(h("article", { class: "answer bare", "aria-label": "Answer", dir: "auto" }, message.reply.content))
  }

  /** @param {string} content */
  #showQuestion(content) {
    if (this.firstChild) return
    this.append(h("article", { class: "question", "aria-label": "Your message", dir: "auto" }, content))
  }

  #build() {
    this.replaceChildren(h("article", { class: "answer", "aria-label": "Answer" },
      this.#thoughts, this.#content, this.#waiting, this.#note, this.#problem, this.#foot))
  }

  /** @param {Run|null} run */
  #follow(run) {
    this.#run?.removeEventListener("change", this.#onChange)
    run?.addEventListener("change", this.#onChange)
    clearInterval(this.#timer)
    if (run) this.#timer = setInterval(() => this.#showWaiting(), 1000)
    this.#run = run
  }

  #onChange = () => {
    this.#reply = /** @type {Run} */ (this.#run).reply
    if (!isFinal(this.#reply)) return this.#painter.request()
    this.#follow(null)
    this.#versions[this.#versions.length - 1] = this.#reply
    this.#painter.flush()
  }

  #paint() {
    const running = this.#run !== null
    this.toggleAttribute("data-running", running)
    if (running) this.#view.show(this.#reply.content)
    else this.#view.finish(this.#reply.content)
    this.#thoughts.show(this.#reply, running)
    this.#showWaiting()
    this.#showEnd()
  }

  #showWaiting() {
    const { content, reasoning, status } = this.#reply
    const lost = this.#run !== null && !this.#run.connected
    this.#waiting.hidden = this.#run === null || Boolean(content || reasoning) && !lost
    if (this.#waiting.hidden) return
    this.#waiting.textContent = lost
      ? "Connection lost. Reconnecting; nothing that was shown is lost"
      : waiting(status, (Date.now() - this.#asked) / 1000)
  }

  #showEnd() {
    const { failed, done } = this.#reply
    const running = this.#run !== null
    const note = running ? "" : ending(this.#reply)
    this.#note.textContent = note
    this.#note.hidden = !note
    const problem = running || done ? null : failed ?? LOST
    this.#problem.hidden = !problem
    if (problem) this.#problem.replaceChildren(h("p", {}, problem.message), this.#tryAgain())
    this.#foot.replaceChildren()
    if (running) return
    this.#foot.append(...this.#tools(), h("span", { class: "stats" }, stats(this.#reply)))
  }

  #tryAgain() {
    return h("button", { type: "button", class: "button", onclick: () => this.#again() }, "Try again")
  }

  #tools() {
    const pager = this.#versions.length > 1 ? this.#pager() : null
    const copy = this.#reply.content ? copyButton("Copy answer", () => this.#reply.content) : null
    const again = !this.#reply.done ? null : iconButton("again", "Answer again", () => this.#again())
    return /** @type {Node[]} */ ([pager, copy, again].filter(Boolean))
  }

  /** The answers that were given in this place before. */
  #pager() {
    const at = this.#versions.indexOf(this.#reply)
    const back = iconButton("back", "Earlier answer", () => this.#turn(at, -1))
    const forth = iconButton("forth", "Later answer", () => this.#turn(at, 1))
    back.disabled = at === 0
    forth.disabled = at === this.#versions.length - 1
    return h("span", { class: "pager" }, back, `${at + 1}/${this.#versions.length}`, forth)
  }

  /** The buttons are made anew: the focus stays on one of them. @param {number} at @param {-1|1} step */
  #turn(at, step) {
    this.#reply = this.#versions[at + step]
    this.#painter.flush()
    const [back, forth] = this.#foot.querySelectorAll("button")
    const [same, other] = step < 0 ? [back, forth] : [forth, back]
    const button = same.disabled ? other : same
    button.focus()
  }

  #again() {
    this.dispatchEvent(new CustomEvent("again", { bubbles: true }))
  }
}

customElements.define("chat-message", ChatMessage)
