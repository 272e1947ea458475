/** @file Follows the events of one job to its end, whatever happens to the connection. */

import * as api from "../lib/api.js"
import { listen } from "./event-stream.js"
import { Patience } from "./patience.js"
import { watchPresence } from "./presence.js"
import { takeSlot } from "./stream-slot.js"

const SILENT_SECONDS = 35 // the server pings every 15 s, but a ping is not seen here
const POLL_SECONDS = 0.7 // and the first of the next before a stream is tried again: one in all

/**
 * @typedef {import("../types.js").WireEvent} WireEvent @typedef {import("../types.js").Connection} Connection
 * @typedef {{onEvent: (event: WireEvent) => void, onConnection: (connection: Connection) => void,
 *   onLost: () => void}} Listener `onLost`: the server does not know the job any more
 */

export class Follower {
  #hangUp = /** @type {(() => void)|null} */ (null) // closes the stream, and gives its slot back
  #turn = 0 // what was begun in an earlier one has no say any more
  #timer = 0
  #endWatch = () => {}
  #away = false
  #patience = new Patience()
  #ended = false

  /** @param {string} job @param {string|null} last id of the last event that is known @param {Listener} listener */
  constructor(job, last, listener) {
    this.job = job
    this.last = last
    this.listener = listener
  }

  start() {
    this.#endWatch = watchPresence({
      onAway: () => this.#goAway(), onShown: () => this.#onShown(), onWake: () => this.#onWake(),
    })
    this.#away = document.hidden
    if (!this.#away) this.#open()
  }

  /** The job itself goes on. */
  end() {
    this.#ended = true
    this.#endWatch()
    this.#close()
  }

  async #open() {
    const turn = this.#close()
    const giveBack = await takeSlot(() => this.#ask())
    if (turn !== this.#turn) giveBack?.()
    else if (giveBack) this.#listen(giveBack)
    else this.#poll()
  }

  /** @param {() => void} giveBack */
  #listen(giveBack) {
    const close = listen(api.streamAddress(this.job, this.last), {
      onOpen: () => this.#connected(),
      onEvent: (event) => this.#hear(event),
      onRestart: () => this.#awaitRestart(),
      onBroken: () => this.#ask(),
    })
    this.#hangUp = () => [close, giveBack].forEach((end) => end())
    this.#expect()
  }

  /** Other tabs have all the streams. */
  #poll() {
    this.#patience.reset()
    this.#connected()
    this.#timer = setTimeout(() => this.#ask(), POLL_SECONDS * 1000)
  }

  /** @returns {number} the turn that begins now */
  #close() {
    clearTimeout(this.#timer)
    this.#hangUp?.()
    this.#hangUp = null
    return ++this.#turn
  }

  #connected() {
    this.#patience.connected()
    this.listener.onConnection("ok")
  }

  #awaitRestart() {
    this.#close()
    this.#later(() => this.#ask(), this.#patience.awaitRestart())
    this.listener.onConnection(this.#patience.absence)
  }

  /** @param {WireEvent} event */
  #hear(event) {
    this.#patience.reset()
    this.#expect()
    this.#take(event)
  }

  /** @param {WireEvent} event */
  #take(event) {
    if (this.#ended) return
    this.last = event.id
    if (event.event === "done" || event.event === "error") this.end()
    this.listener.onEvent(event)
  }

  #expect() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), SILENT_SECONDS * 1000)
  }

  /** Ask for what was missed; then go on listening, unless that was all. */
  async #ask() {
    const turn = this.#close()
    try {
      const { events = [] } = await api.job(this.job, this.last)
      if (turn !== this.#turn) return
      events.forEach((event) => this.#take(event))
      if (!this.#ended) this.#later(() => this.#open())
    } catch (error) {
      if (turn !== this.#turn) return
      if (!(error instanceof api.ApiError) || error.status !== 404) {
        this.listener.onConnection(this.#patience.absence)
        return this.#later(() => this.#ask())
      }
      this.end()
      this.listener.onLost()
    }
  }

  /** @param {() => void} work @param {number} [seconds] */
  #later(work, seconds = this.#patience.next()) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(work, seconds * 1000)
  }

  /** The stream is closed: a browser has six connections in all. */
  #goAway() {
    this.#away = true
    this.#close()
  }

  #onShown() {
    if (!this.#away && this.#hangUp) return
    this.#away = false
    this.#ask()
  }

  /** A stream that was cut in the meantime does not always say so. */
  #onWake() {
    this.#patience.reset()
    if (!this.#away) this.#ask()
  }
}
