/** @file What changes on the server: one stream for all tabs of the browser, which the leader among them reads. */

import { whenSignedIn } from "../lib/api.js"
import { waitForLock } from "./lock.js"
import { Patience } from "./patience.js"
import { watchPresence } from "./presence.js"

const NAME = "llmchat.changes"

/**
 * @typedef {{conversation: string, item: import("../types.js").Item|null, messages: string[]}} Change
 * @typedef {{onChange: (change: Change) => void, onProjects: () => void, onReset: (restarted: boolean) => void, isAwaited: () => boolean}} Listener
 *   `onReset`: something was missed, perhaps because the server is another one now; `isAwaited`: there is a reason to listen while nobody sees the page
 * @typedef {{id: string, change: Change|"projects"|null}} Told null: something was missed
 */

export class Changes {
  #channel = "BroadcastChannel" in globalThis ? new BroadcastChannel(NAME) : null
  #last = ""
  #away = false
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
    watchPresence({
      onAway: () => this.#onAway(), onShown: () => this.#onShown(), onWake: () => this.#candidate(),
    })
    if (!document.hidden) this.#candidate()
  }

  /** A tab that nobody sees holds no connection: others may need it. */
  #leave() {
    this.#source?.close()
    this.#source = null
    clearTimeout(this.#timer)
    this.#giveUp()
    this.#giveUp = () => {}
  }

  async #candidate() {
    this.#leave()
    const ended = new AbortController()
    this.#giveUp = () => ended.abort()
    const release = this.#channel ? await waitForLock(NAME, ended.signal, () => this.#candidate()) : () => {}
    if (ended.signal.aborted) return release?.()
    this.#giveUp = () => release?.()
    this.#open()
  }

  /** Somebody may wait to be told of an end. */
  #onAway() {
    this.#away = true
    if (!this.listener.isAwaited()) this.#leave()
  }

  #onShown() {
    this.#away = false
    this.#candidate()
  }

  #open() {
    const after = this.#last ? `?after=${encodeURIComponent(this.#last)}` : ""
    const source = new EventSource(`api/changes${after}`)
    this.#source = source
    source.addEventListener("change", ({ lastEventId, data }) => this.#tell({ id: lastEventId, change: JSON.parse(data) }))
    source.addEventListener("projects", ({ lastEventId }) => this.#tell({ id: lastEventId, change: "projects" }))
    source.addEventListener("reset", ({ lastEventId }) => this.#tell({ id: lastEventId, change: null }))
    source.addEventListener("hello", ({ lastEventId }) => this.#onHello(lastEventId))
    source.addEventListener("error", (event) => {
      if ("data" in event) source.close() // who reads is signed out
      this.#onBroken(source)
    })
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
    this.#timer = setTimeout(async () => {
      await whenSignedIn()
      if (source === this.#source) this.#open()
    }, this.#patience.next() * 1000)
  }

  /** @param {Told} told */
  #tell(told) {
    this.#channel?.postMessage(told)
    this.#hear(told)
  }

  /** @param {Told} told */
  #hear({ id, change }) {
    const restarted = this.#last !== "" && runOf(id) !== runOf(this.#last)
    if (id) this.#last = id
    if (change === "projects") this.listener.onProjects()
    else if (change) this.listener.onChange(change)
    else this.listener.onReset(restarted)
    if (this.#away && !this.listener.isAwaited()) this.#leave()
  }
}

/** The run of the server that an id is from. @param {string} id */
function runOf(id) {
  return id.slice(0, id.lastIndexOf("-"))
}
