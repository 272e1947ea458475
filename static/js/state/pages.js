/** @file A list of the server that is read page by page, from its beginning again where something was missed. */

import { signal } from "../lib/signal.js"

/** @typedef {{count: number, next: string|null}} Read how many were read, and where the rest begins */

const AGAIN_SECONDS = 3

export class Pages {
  /** Whether there are older ones than those that were read. */
  hasMore = signal(true)
  ready = signal(false) // whether the first of them have come
  failed = signal(false) // at the last reading
  #cursor = /** @type {string|null} */ (null)
  #begun = false
  #count = 0
  #reading = /** @type {Promise<void>|null} */ (null)

  /** @param {() => Promise<void>} readFirst what is read before the first page @param {(cursor: string|null) => Promise<Read>} read */
  constructor(readFirst, read) {
    this.readFirst = readFirst
    this.read = read
  }

  /** Read a further one. Any number of calls at once reads once. @returns {Promise<void>} */
  more() {
    this.#reading ??= this.#read().finally(() => { this.#reading = null })
    return this.#reading
  }

  /** Read anew from the beginning. @param {number} enough entries @returns {Promise<boolean>} whether that went well */
  async again(enough) {
    await this.#reading
    this.#cursor = null
    this.#begun = false
    this.#count = 0
    this.hasMore.set(true)
    do await this.more()
    while (!this.failed.get() && this.hasMore.get() && this.#count < enough)
    return !this.failed.get()
  }

  async #read() {
    try {
      if (!this.#begun) await this.readFirst()
      const { count, next } = await this.read(this.#cursor)
      this.#cursor = next
      this.#begun = true
      this.#count += count
      this.hasMore.set(next !== null)
      this.ready.set(true)
      this.failed.set(false)
    } catch {
      this.failed.set(true)
      if (!this.#begun) setTimeout(() => this.more(), AGAIN_SECONDS * 1000)
    }
  }
}
