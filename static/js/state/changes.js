/** @file What changes on the server: one stream for all tabs of the browser, which the leader among them reads. */

import { Patience } from "./patience.js"
import { watchPresence } from "./presence.js"

const NAME = "llmchat.changes"

/**
 * @typedef {{conversation: string, item: import("../types.js").Item|null, messages: string[]}} Change
 * @typedef {{onChange: (change: Change) => void, onReset: () => void}} Listener `onReset`: something was missed
 * @typedef {{id: string, change: Change|null}} Told null: something was missed
 */

/** Without Web Locks (plain http over a network) each visible tab has its own stream. */
export class Changes {
  #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(NAME) : null
  #last = ""
  #turn = 0
  #timer = 0
  #patience = new Patience()
  /** @type {EventSource|null} */
  #source = null
  #giveUp = () => {}

  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener
    this.#channel?.addEventListener("message", ({ data }) => this.#hear(data))
  }

  start() {
    watchPresence(() => this.#leave(), () => this.#candidate())
    if (!document.hidden) this.#candidate()
  }

  /** A tab that nobody sees holds no connection: others may need it. */
  #leave() {
    this.#turn++
    this.#source?.close()
    this.#source = null
    clearTimeout(this.#timer)
    this.#giveUp()
    this.#giveUp = () => {}
  }

  #candidate() {
    this.#leave()
    const turn = this.#turn
    if (!navigator.locks) return this.#open()
    const ended = new AbortController()
    const held = new Promise((resolve) => {
      this.#giveUp = () => [ended.abort(), resolve(undefined)]
    })
    navigator.locks.request(NAME, { signal: ended.signal }, () => {
      if (turn !== this.#turn) return undefined
      this.#open()
      return held
    }).catch((error) => {
      if (turn === this.#turn && error.name !== "AbortError") this.#open() // a document that may not lock
    })
  }

  #open() {
    const after = this.#last ? `?after=${encodeURIComponent(this.#last)}` : ""
    const source = new EventSource(`api/changes${after}`)
    this.#source = source
    source.addEventListener("change", ({ lastEventId, data }) => this.#tell({ id: lastEventId, change: JSON.parse(data) }))
    source.addEventListener("reset", ({ lastEventId }) => this.#tell({ id: lastEventId, change: null }))
    source.addEventListener("hello", ({ lastEventId }) => this.#onHello(lastEventId))
    source.addEventListener("error", () => this.#onBroken(source))
  }

  /** From here on nothing is missed. Where it is not known since when nothing was heard, something may have been. @param {string} id */
  #onHello(id) {
    this.#patience.reset()
    if (!this.#last) this.#tell({ id, change: null })
    else this.#last = id
  }

  /** The browser tries again by itself, unless the server has refused. @param {EventSource} source */
  #onBroken(source) {
    if (source !== this.#source || source.readyState !== EventSource.CLOSED) return
    this.#timer = setTimeout(() => this.#open(), this.#patience.next() * 1000)
  }

  /** @param {Told} told */
  #tell(told) {
    this.#channel?.postMessage(told)
    this.#hear(told)
  }

  /** @param {Told} told */
  #hear({ id, change }) {
    if (id) this.#last = id
    if (change) this.listener.onChange(change)
    else this.listener.onReset()
  }
}
