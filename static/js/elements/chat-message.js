/** @file One message: a question as it was typed, or an answer in any of its states. */

import { h } from "../dom/h.js"
import { MarkdownView } from "../dom/markdown-view.js"
import { Painter } from "../dom/painter.js"
import { emptyReply, isFinal } from "../lib/reply.js"
import { wholeText } from "../lib/whole.js"
import { AnswerEnd } from "./answer-end.js"
import { AnswerStatus } from "./answer-status.js"
import { ThoughtBlock } from "./thought-block.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Reply} Reply */
/** @typedef {import("../state/run.js").Run} Run */

export class ChatMessage extends HTMLElement {
  #reply = emptyReply()
  /** @type {Reply[]} the versions of this answer, oldest first */
  #versions = []
  /** @type {Run|null} */
  #run = null
  #painter = new Painter(() => this.#paint())
  #content = h("div", { class: "prose", dir: "auto" })
  #view = new MarkdownView(this.#content)
  #thoughts = new ThoughtBlock()
  #status = new AnswerStatus()
  #end = new AnswerEnd()

  connectedCallback() {
    this.#end.addEventListener("turn", this.#onTurn)
  }

  disconnectedCallback() {
    this.#end.removeEventListener("turn", this.#onTurn)
    this.#follow(null)
    this.#painter.cancel()
  }

  /** @param {Message} message @param {Run|null} run the answer in the making, if it is one */
  show(message, run) {
    if (message.role === "user") return this.#showQuestion(message.content)
    if (!this.#content.isConnected) this.#build()
    this.#versions = [...message.earlier, message.reply]
    this.#reply = run ? run.reply : message.reply
    this.#follow(run)
    this.#painter.flush()
  }

  /** Only its text, where it is not shown yet. @param {Message} message */
  showText(message) {
    if (this.firstChild || message.role === "user") return
    this.append(h("article", { class: "answer bare", "aria-label": "Answer", dir: "auto" }, wholeText(message.reply)))
  }

  /** @param {string} content */
  #showQuestion(content) {
    if (this.firstChild) return
    this.append(h("article", { class: "question", "aria-label": "Your message", dir: "auto" }, content))
  }

  #build() {
    this.replaceChildren(h("article", { class: "answer", "aria-label": "Answer" },
      this.#thoughts, this.#content, this.#status, this.#end))
  }

  /** @param {Run|null} run */
  #follow(run) {
    this.#run?.removeEventListener("change", this.#onChange)
    run?.addEventListener("change", this.#onChange)
    this.#run = run
    this.#status.follow(run)
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
    if (running) this.#view.show(wholeText(this.#reply))
    else this.#view.finish(wholeText(this.#reply))
    this.#thoughts.show(this.#reply, running)
    this.#status.paint()
    this.#end.hidden = running
    if (!running) this.#end.show(this.#reply, this.#versions)
  }

  /** Another version is chosen. @param {Event} event */
  #onTurn = (event) => {
    this.#reply = /** @type {CustomEvent<Reply>} */ (event).detail
    this.#painter.flush()
  }
}

customElements.define("chat-message", ChatMessage)
