/** @file Follows the events of one job to its end, whatever happens to the connection. */

import * as api from "../lib/api.js"
import { takeSlot } from "./stream-slot.js"

const NAMES = ["status", "delta", "reasoning", "tool_call", "usage", "done"]
const HIDDEN_SECONDS = 10 // then the stream is closed: a browser has six connections in all
const SILENT_SECONDS = 35 // the server pings every 15 s, but a ping is not seen here
const POLL_SECONDS = 0.7 // and the first of the next before a stream is tried again: one in all
const RETRY_SECONDS = [0.3, 0.6, 1, 2, 3, 5]

/**
 * @typedef {object} Listener
 * @property {(event: import("../types.js").WireEvent) => void} onEvent
 * @property {(connected: boolean) => void} onConnection
 * @property {() => void} onLost the server does not know the job any more
 */

export class Follower {
  /** @type {EventSource|null} */
  #source = null
  /** @type {(() => void)|null} */
  #giveBack = null
  #turn = 0 // what was begun in an earlier one has no say any more
  #timer = 0
  #hiding = 0
  #away = false
  #failures = 0
  #ended = false

  /** @param {string} job @param {string|null} last id of the last event that is known @param {Listener} listener */
  constructor(job, last, listener) {
    this.job = job
    this.last = last
    this.listener = listener
  }

  start() {
    document.addEventListener("visibilitychange", this.#onVisibility)
    this.#away = document.hidden
    if (!this.#away) this.#open()
  }

  /** The job itself goes on. */
  end() {
    this.#ended = true
    document.removeEventListener("visibilitychange", this.#onVisibility)
    clearTimeout(this.#hiding)
    this.#close()
  }

  async #open() {
    const turn = this.#close()
    const giveBack = await takeSlot()
    if (turn !== this.#turn) giveBack?.()
    else if (giveBack) this.#listen(giveBack)
    else this.#poll()
  }

  /** @param {() => void} giveBack */
  #listen(giveBack) {
    this.#giveBack = giveBack
    const source = new EventSource(api.streamAddress(this.job, this.last))
    this.#source = source
    for (const name of NAMES) source.addEventListener(name, (event) => this.#hear(event))
    // A failed answer and a broken connection have the same name; only the answer has data.
    source.addEventListener("error", (event) => {
      if ("data" in event && event.data) this.#hear(/** @type {MessageEvent} */ (event))
      else this.#ask()
    })
    source.addEventListener("open", () => this.listener.onConnection(true))
    this.#expect()
  }

  /** Other tabs have all the streams. */
  #poll() {
    this.#failures = 0
    this.listener.onConnection(true)
    this.#timer = setTimeout(() => this.#ask(), POLL_SECONDS * 1000)
  }

  /** @returns {number} the turn that begins now */
  #close() {
    clearTimeout(this.#timer)
    this.#source?.close()
    this.#source = null
    this.#giveBack?.()
    this.#giveBack = null
    return ++this.#turn
  }

  /** @param {MessageEvent} event */
  #hear(event) {
    this.#failures = 0
    this.#expect()
    this.#take({ id: event.lastEventId, event: event.type, data: JSON.parse(event.data) })
  }

  /** @param {import("../types.js").WireEvent} event */
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
      if (error instanceof api.ApiError && error.status === 404) return this.#lose()
      this.listener.onConnection(false)
      this.#later(() => this.#ask())
    }
  }

  #lose() {
    this.end()
    this.listener.onLost()
  }

  /** @param {() => void} work */
  #later(work) {
    const seconds = RETRY_SECONDS[Math.min(this.#failures++, RETRY_SECONDS.length - 1)]
    clearTimeout(this.#timer)
    this.#timer = setTimeout(work, seconds * 1000)
  }

  #onVisibility = () => {
    clearTimeout(this.#hiding)
    if (document.hidden) this.#hiding = setTimeout(() => this.#goAway(), HIDDEN_SECONDS * 1000)
    else if (this.#away || !this.#source) this.#comeBack()
  }

  #goAway() {
    this.#away = true
    this.#close()
  }

  #comeBack() {
    this.#away = false
    this.#ask()
  }
}
