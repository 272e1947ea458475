/** @file The chat in view and the answer that is being made in it, without the page around them. */

import { stop } from "../lib/api.js"
import { askedAgain, continued, newAnswer, newChat, newQuestion } from "../lib/chats.js"
import { isFinal } from "../lib/reply.js"
import { signal } from "../lib/signal.js"
import { canContinue } from "../lib/whole.js"
import { runningAnswer } from "./chat-store.js"
import { Run } from "./run.js"

/** @typedef {import("../types.js").Answer} Answer */
/** @typedef {import("./chat-store.js").ChatStore} ChatStore */
/** @typedef {import("./catalogue.js").Catalogue} Catalogue */

/** Emits `changed` when there is something else to show, `asked` at a question, `ended` at its answer. */
export class Conversation extends EventTarget {
  /** The id of the chat; null before there is one. */
  id = signal(/** @type {string|null} */ (null))
  /** @type {Run|null} */
  run = null

  /** @param {ChatStore} store @param {Catalogue} catalogue */
  constructor(store, catalogue) {
    super()
    this.store = store
    this.catalogue = catalogue
    store.addEventListener("changed", (event) => this.#onStored(/** @type {CustomEvent} */ (event).detail))
  }

  get chat() {
    return this.store.get(this.id.get())
  }

  /** Go to another chat; the answer that is made in this one goes on. @param {string} id */
  open(id) {
    this.#leave()
    this.id.set(this.store.get(id) ? id : null)
    const answer = runningAnswer(this.chat)
    if (answer) this.#follow(answer)
    else this.#emit("changed")
  }

  /** @param {string} text */
  ask(text) {
    if (!this.chat) this.#begin(text)
    const answer = newAnswer(this.catalogue.wanted(), Date.now())
    this.store.update(this.id.get() ?? "", (stored) => {
      stored.messages.push(newQuestion(text), answer)
      stored.updated = Date.now()
    })
    this.#follow(answer)
    this.#emit("asked")
  }

  /** Ask once more for the last answer. */
  again() {
    this.#replaceLast((last) => askedAgain(last, this.catalogue.wanted(), Date.now()))
  }

  /** Go on with the last answer where it stops. */
  goOn() {
    this.#replaceLast((last) =>
      canContinue(last.reply) ? continued(last, this.catalogue.wanted(), Date.now()) : null)
  }

  /** Nobody will read the answer that is made in a chat. @param {string} id */
  stopAnswer(id) {
    if (id === this.id.get()) return this.run?.stop()
    const job = runningAnswer(this.store.get(id))?.job
    if (job) stop(job, null).catch(() => {}) // when it is over, that is fine too
  }

  /** Unless another tab makes it already: then that is followed. @param {(last: Answer) => Answer|null} change */
  #replaceLast(change) {
    if (this.run) return
    this.store.update(this.id.get() ?? "", (stored) => {
      const last = stored.messages[stored.messages.length - 1]
      const answer = last?.role === "assistant" && isFinal(last.reply) ? change(last) : null
      if (answer) stored.messages.splice(-1, 1, answer)
    })
    const answer = runningAnswer(this.chat)
    if (!answer) return
    this.#follow(answer)
    this.#emit("asked")
  }

  /** @param {string} question */
  #begin(question) {
    const chat = newChat(question, Date.now())
    this.store.put(chat)
    this.id.set(chat.id)
  }

  /** @param {Answer} answer */
  #follow(answer) {
    const run = new Run(this.store, this.id.get() ?? "", answer)
    this.run = run
    run.addEventListener("end", () => this.#onEnd(run))
    this.#emit("changed")
    run.start()
  }

  #leave() {
    this.run?.leave()
    this.run = null
  }

  /** @param {Run} run */
  #onEnd(run) {
    if (this.run !== run) return
    this.run = null
    this.#emit("changed")
    this.dispatchEvent(new CustomEvent("ended", { detail: run.reply }))
  }

  /** Another tab went on with the chat, or deleted it. @param {{id: string, elsewhere: boolean}} change */
  #onStored({ id, elsewhere }) {
    if (!elsewhere || id !== this.id.get()) return
    const answer = runningAnswer(this.chat)
    if (this.run && this.run.answer.key !== answer?.key) this.#leave()
    if (answer && !this.run) this.#follow(answer)
    else this.#emit("changed")
  }

  /** @param {string} name */
  #emit(name) {
    this.dispatchEvent(new Event(name))
  }
}
