/** @file The endpoints that are set up, as the settings show them. */

import * as api from "../lib/endpoints-api.js"
import { inOneLine } from "../lib/problems.js"
import { signal } from "../lib/signal.js"

/** @typedef {import("../lib/endpoints-api.js").Endpoints} All @typedef {import("../lib/endpoints-api.js").Changes} Changes */
/** @typedef {import("../lib/endpoints-api.js").Found} Found */

const LOOK_MILLISECONDS = 600 // while the server still asks one of them

export class EndpointList {
  /** null until they were read. */
  all = signal(/** @type {All|null} */ (null))
  /** Why they could not be read; empty if they were. */
  problem = signal("")
  /** What runs on the server's machine; null while it is being looked for. */
  found = signal(/** @type {Found[]|null} */ (null))
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer
  #shown = false

  /** Read the list, and again as long as somebody looks at it and something is still to come. */
  async load() {
    clearTimeout(this.#timer)
    try {
      this.all.set(await api.endpoints())
      this.problem.set("")
    } catch (error) {
      this.problem.set(inOneLine(/** @type {Error} */ (error)))
    }
    const waits = this.all.get()?.items.some(({ state }) => state === "loading")
    if (this.#shown && waits) this.#timer = setTimeout(() => this.load(), LOOK_MILLISECONDS)
  }

  /** Somebody looks at it now, or not any more. @param {boolean} shown */
  watch(shown) {
    this.#shown = shown
    clearTimeout(this.#timer)
    if (shown) this.load()
  }

  /** See what runs on the server's machine. */
  async look() {
    this.found.set(null)
    const found = await api.discovered().catch(() => ({ items: [] }))
    this.found.set(found.items)
  }

  /** Set one up, or change one. Rejects with an ApiError. @param {string|null} id @param {Changes} changes */
  async save(id, changes) {
    await (id === null ? api.add(changes) : api.change(id, changes))
    await this.load()
  }

  /** Rejects with an ApiError. @param {string} id */
  async remove(id) {
    await api.remove(id)
    await this.load()
  }
}
