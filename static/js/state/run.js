/** @file One answer in the making, as this tab sees it: asked for, followed, stopped. */

import { isFinal, ReplyReader } from "../lib/reply.js"
import { LOST } from "../lib/words.js"
import { stopPatiently } from "./asking.js"
import { Follower } from "./follower.js"
import { wholeReply } from "./whole-reply.js"

/** @typedef {import("../types.js").WireEvent} WireEvent */
/** @typedef {(stopped: AbortSignal, onWait: (seconds: number, reason: string) => void) => Promise<string>} Send gives the job */

/** Emits `change` whenever its reply or connection has changed, and `end` once. */
export class Run extends EventTarget {
  /** The server does not know it any more. */
  lost = false
  connection = /** @type {import("../types.js").Connection} */ ("ok")
  #left = false
  #stopping = false
  #stopped = new AbortController()
  /** @type {WireEvent[]} what comes after a stop was asked for: shown only if the stop came too late */
  #held = []
  /** @type {Follower|null} */
  #follower = null

  /** @param {import("../types.js").Reply} reply as it is before the first event @param {number} asked in milliseconds @param {string|null} job @param {Send|null} send asks for it where there is no job yet */
  constructor(reply, asked, job, send) {
    super()
    this.asked = asked
    this.job = job
    this.send = send
    this.reader = new ReplyReader(reply)
  }

  get reply() {
    return this.reader.reply
  }

  start() {
    if (this.job) this.#follow(this.job)
    else if (this.send) this.#ask(this.send)
  }

  /** Stop the answer itself; what was seen until now is what stays. */
  stop() {
    if (this.#stopping) return
    this.#stopping = true
    this.#stopped.abort()
    if (this.job) this.#sendStop(this.job)
  }

  /** Only stop watching: the answer goes on. */
  leave() {
    this.#left = true
    this.#follower?.end()
  }

  /** @param {Send} send */
  async #ask(send) {
    const { signal } = this.#stopped
    try {
      this.#accepted(await send(signal, this.#onWait))
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
    this.job = job
    this.reply.status = null
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
      onLost: () => {
        this.lost = true
        this.#refuse(LOST)
      },
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
    const whole = await wholeReply(this.job ?? "", this.reply)
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
    const unwatched = this.#left
    this.leave()
    this.#changed()
    if (!unwatched || !this.job) this.dispatchEvent(new Event("end"))
  }
}
