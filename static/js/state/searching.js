/** @file One search after the other: a newer one ends the one before. */

import { inOneLine } from "../lib/problems.js"
import { search } from "../lib/search-api.js"
import { signal } from "../lib/signal.js"

/** @typedef {import("../lib/search-api.js").Hit} Hit */
/** @typedef {{state: "searching"|"found"|"failed", hits: Hit[], more: boolean, problem: string|null}} Found `hits` are those of the search before until the first new ones are there */

const PAUSE_MS = 150 // of typing
const ENOUGH = 30 // hits to go on with; a page of the server may have fewer

export class Searching {
  found = signal(/** @type {Found} */ ({ state: "searching", hits: [], more: false, problem: null }))
  #abort = new AbortController()
  #timer = 0
  #query = ""
  /** @type {string|null} */
  #cursor = null

  /** @param {string} query empty: the newest chats */
  ask(query) {
    this.stop()
    this.#query = query
    this.#set({ state: "searching" })
    this.#timer = setTimeout(() => this.#read([], null), query ? PAUSE_MS : 0)
  }

  /** Further hits, if there are any. */
  more() {
    const { state, hits, more } = this.found.get()
    if (state === "found" && more) this.#read(hits, this.#cursor)
  }

  stop() {
    clearTimeout(this.#timer)
    this.#abort.abort()
  }

  /** @param {Hit[]} hits @param {string|null} cursor */
  async #read(hits, cursor) {
    const { signal: end } = this.#abort = new AbortController()
    const enough = hits.length + ENOUGH
    try {
      do {
        const page = await search(this.#query, cursor, end)
        if (end.aborted) return
        cursor = page.next
        hits = [...hits, ...page.items]
        if (hits.length) this.#set({ state: "searching", hits, problem: null })
      } while (cursor !== null && hits.length < enough)
      this.#cursor = cursor
      this.#set({ state: "found", hits, more: cursor !== null, problem: null })
    } catch (error) {
      if (!end.aborted) this.#set({ state: "failed", hits: [], more: false, problem: inOneLine(/** @type {Error} */ (error)) })
    }
  }

  /** @param {Partial<Found>} news */
  #set(news) {
    this.found.set({ ...this.found.get(), ...news })
  }
}
