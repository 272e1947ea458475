/** @file One answer in the making, as this tab sees it: asked for, followed, stopped, stored. */

import { requestFor } from "../lib/chats.js"
import { isFinal, ReplyReader } from "../lib/reply.js"
import { LOST } from "../lib/words.js"
import { askPatiently, stopPatiently } from "./asking.js"
import { Follower } from "./follower.js"
import { wholeReply } from "./whole-reply.js"

/** @typedef {import("../types.js").Answer} Answer */
/** @typedef {import("../types.js").WireEvent} WireEvent */

const STORE_SECONDS = 2

/** Emits `change` whenever its reply or connection has changed, and `end` once. */
export class Run extends EventTarget {
  connection = /** @type {import("../types.js").Connection} */ ("ok")
  #left = false
  #stopping = false
  #stopped = new AbortController()
  /** @type {WireEvent[]} what comes after a stop was asked for: shown only if the stop came too late */
  #held = []
  /** @type {Follower|null} */
  #follower = null
  #timer = 0

  /** @param {import("./chat-store.js").ChatStore} store @param {string} chatId @param {Answer} answer */
  constructor(store, chatId, answer) {
    super()
    this.store = store
    this.chatId = chatId
    this.answer = structuredClone(answer)
    this.reader = new ReplyReader(this.answer.reply)
  }

  get reply() {
    return this.reader.reply
  }

  start() {
    addEventListener("pagehide", this.#save)
    this.#timer = setInterval(this.#save, STORE_SECONDS * 1000)
    if (this.answer.job) this.#follow(this.answer.job)
    else this.#ask()
  }

  /** Stop the answer itself; what was seen until now is what stays. */
  stop() {
    if (this.#stopping) return
    this.#stopping = true
    this.#stopped.abort()
    if (this.answer.job) this.#sendStop(this.answer.job)
  }

  /** Only stop watching: the answer goes on. */
  leave() {
    this.#left = true
    this.#save()
    this.#follower?.end()
    clearInterval(this.#timer)
    removeEventListener("pagehide", this.#save)
  }

  #save = () => this.store.saveAnswer(this.chatId, this.answer, this.reply)

  async #ask() {
    const chat = this.store.get(this.chatId)
    if (!chat) return
    const { signal } = this.#stopped
    try {
      this.#accepted(await askPatiently(requestFor(chat, this.answer), this.answer.key, signal, this.#onWait))
    } catch (error) {
      const refusal = /** @type {import("../lib/api.js").ApiError} */ (error)
      if (signal.aborted && refusal.status) this.#finish({ done: { finish_reason: "cancelled" } })
      else this.#refuse(refusal)
    }
  }

  /** @param {number} seconds @param {string} reason */
  #onWait = (seconds, reason) => {
    this.reader.tell({ state: "retrying", in_seconds: seconds, reason }, Date.now() / 1000)
    this.#changed()
  }

  /** @param {string} job */
  #accepted(job) {
    this.answer.job = job
    this.reply.status = null
    this.#save()
    if (this.#stopping) this.#sendStop(job)
    if (!this.#left) this.#follow(job)
  }

  /** @param {{code: string, message: string}} problem */
  #refuse({ code, message }) {
    this.#finish({ failed: { code, message, retryable: true } })
  }

  /** @param {string} job */
  #follow(job) {
    this.#follower = new Follower(job, this.reply.last, {
      onEvent: (event) => this.#take(event),
      onConnection: (connection) => this.#changed(connection),
      onLost: () => this.#refuse(LOST),
    })
    this.#follower.start()
  }

  /** @param {string} job */
  async #sendStop(job) {
    if (await stopPatiently(job, this.reply.last, () => isFinal(this.reply))) return
    this.#stopping = false
    this.#held.splice(0).forEach((event) => this.#take(event))
  }

  /** @param {WireEvent} event */
  #take(event) {
    const final = event.event === "done" || event.event === "error"
    if (this.#stopping && !final) return void this.#held.push(event)
    if (!event.data.seen) this.#held.splice(0).forEach(this.#read)
    this.#read(event)
    if (!final) this.#changed()
    else if (this.reader.cutIsUnknown && !this.#held.length) this.#readAll()
    else this.#finish()
  }

  #read = (/** @type {WireEvent} */ event) => this.reader.take(event, Date.now() / 1000)

  /** Another reader's stop cuts the answer before the place where this one came in. */
  async #readAll() {
    const { thoughtSeconds } = this.reply
    const whole = await wholeReply(this.answer.job ?? "", this.reply)
    if (whole) this.reader = new ReplyReader({ ...whole, thoughtSeconds })
    this.#finish()
  }

  /** @param {import("../types.js").Connection} [connection] */
  #changed(connection = this.connection) {
    this.connection = connection
    this.dispatchEvent(new Event("change"))
  }

  /** @param {Partial<import("../types.js").Reply>} end what no event has said */
  #finish(end = {}) {
    Object.assign(this.reply, end)
    this.leave()
    this.#changed()
    this.dispatchEvent(new Event("end"))
  }
}
