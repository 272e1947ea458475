/** @file The chats that were put away: in the archive or in the bin. */

import { signal } from "../lib/signal.js"

/**
 * @typedef {import("../types.js").Item} Item
 * @typedef {{items: {get(): Item[]}, hasMore: {get(): boolean}, ready: {get(): boolean},
 *   failed: {get(): boolean}, more(): Promise<void>}} Source what a list shows; the Library is one
 * @typedef {(cursor: string|null) => Promise<{items: Item[], next: string|null}>} Read
 */

export class Shelf {
  items = signal(/** @type {Item[]} */ ([]))
  hasMore = signal(true)
  ready = signal(false)
  failed = signal(false)
  /** @type {Map<string, Item>} */
  #known = new Map()
  /** @type {string|null} */
  #cursor = null
  /** @type {Promise<void>|null} */
  #reading = null

  /** @param {import("./library.js").Library} library @param {Read} read @param {(item: Item) => boolean} belongs */
  constructor(library, read, belongs) {
    this.read = read
    this.belongs = belongs
    this.library = library
    library.addEventListener("change", this.#onChange)
  }

  /** Stop listening. */
  close() {
    this.library.removeEventListener("change", this.#onChange)
  }

  /** Read further ones. Any number of calls at once reads once. @returns {Promise<void>} */
  more() {
    this.#reading ??= this.#read().finally(() => { this.#reading = null })
    return this.#reading
  }

  async #read() {
    try {
      const { items, next } = await this.read(this.#cursor)
      for (const item of items) this.#known.set(item.id, item)
      this.#cursor = next
      this.hasMore.set(next !== null)
      this.failed.set(false)
      this.#show()
      this.ready.set(true)
    } catch {
      this.failed.set(true)
    }
  }

  #onChange = (/** @type {Event} */ event) => {
    const { id, item } = /** @type {CustomEvent<{id: string, item: Item|null}>} */ (event).detail
    const known = this.#known.get(id)
    if (!item || !this.belongs(item)) this.#known.delete(id)
    else if (!known || known.revision <= item.revision) this.#known.set(id, item)
    this.#show()
  }

  #show() {
    this.items.set([...this.#known.values()].sort((a, b) => b.updated - a.updated))
  }
}

/** @param {import("./library.js").Library} library */
export function archiveOf(library) {
  return new Shelf(library, library.archive, ({ archived, deleted }) => archived && deleted === null)
}

/** @param {import("./library.js").Library} library */
export function binOf(library) {
  return new Shelf(library, library.bin, ({ deleted }) => deleted !== null)
}
