/** @file The conversations of the server as a list, and what can be done with whole ones. */

import * as api from "../lib/conversations-api.js"
import { EFFECTS, Hopes } from "../lib/hopes.js"
import { inOneLine } from "../lib/problems.js"
import { signal } from "../lib/signal.js"

/** @typedef {import("../types.js").Item} Item @typedef {import("../types.js").BatchAction} BatchAction */

const MOST_IN_A_BATCH = 1000
const AGAIN_SECONDS = 3

/**
 * What is done here is shown at once, and taken back where the server refuses it: then a `notice`
 * tells why (`detail` is its text). `change` tells of each conversation that has changed, here or
 * elsewhere: `detail` is `{id, item, messages}`; `item` is null when it is gone for good.
 */
export class Library extends EventTarget {
  /** Those that are known, newest first, pinned ones among them; none that is archived or in the bin. */
  items = signal(/** @type {Item[]} */ ([]))
  /** Whether there are older ones than those. */
  hasMore = signal(true)
  ready = signal(false) // whether the first of them have come
  failed = signal(false) // at the last reading
  #known = /** @type {Map<string, Item>} */ (new Map()) // as the server has them, also archived and deleted ones
  #hopes = /** @type {Hopes<Item>} */ (new Hopes())
  #cursor = /** @type {string|null} */ (null)
  #begun = false
  #reading = /** @type {Promise<void>|null} */ (null)

  /** @param {string} id @returns {Item|undefined} */
  get(id) {
    const item = this.#known.get(id)
    return item && this.#hopes.over(item)
  }

  /** Read further ones. Any number of calls at once reads once. @returns {Promise<void>} */
  more() {
    this.#reading ??= this.#read().finally(() => { this.#reading = null })
    return this.#reading
  }

  /** Read anew what is shown: something was missed. */
  async reload() {
    await this.#reading
    const shown = this.items.get().length
    for (const { id } of this.items.get()) this.#known.delete(id)
    this.#cursor = null
    this.hasMore.set(true)
    this.#begun = false
    do await this.more()
    while (this.#begun && this.hasMore.get() && this.items.get().length < shown)
  }

  /** @param {string} id @param {Partial<Item>} changes @returns {Promise<boolean>} whether it is done */
  async patch(id, changes) {
    return this.#hope([id], changes, async () => this.take(await api.change(id, changes)))
  }

  /** @param {string[]} ids @param {BatchAction} action @returns {Promise<boolean>} */
  async batch(ids, action) {
    const changes = EFFECTS[action]()
    return this.#hope(ids, changes, async () => {
      for (let from = 0; from < ids.length; from += MOST_IN_A_BATCH) {
        await api.batch(ids.slice(from, from + MOST_IN_A_BATCH), action)
      }
      for (const id of ids) this.#confirm(id, changes)
    })
  }

  remove = (/** @type {string[]} */ ids) => this.batch(ids, "delete") // into the bin
  restore = (/** @type {string[]} */ ids) => this.batch(ids, "restore")

  /** A page of what is in the bin, or archived. Both reject with an ApiError. */
  bin = (/** @type {string|null} */ cursor = null) => this.#page({ deleted: true, cursor })
  archive = (/** @type {string|null} */ cursor = null) => this.#page({ archived: true, cursor })

  /** The server has told of one. @param {Item} item @param {string[]} [messages] ids of those that have changed */
  take(item, messages = []) {
    const known = this.#known.get(item.id)
    if (!known || known.revision <= item.revision) this.#known.set(item.id, item)
    this.#changed([item.id], messages)
  }

  /** It is gone for good. @param {string} id */
  forget(id) {
    this.#known.delete(id)
    this.#changed([id])
  }

  /** @param {string} id @param {Partial<Item>} changes */
  #confirm(id, changes) {
    const item = this.#known.get(id)
    if (item) this.#known.set(id, { ...item, ...changes })
  }

  /** What was read is known from then on, so that it can be changed. @param {api.Query} query */
  async #page(query) {
    const page = await api.list(query)
    for (const item of page.items) this.#known.set(item.id, item)
    return page
  }

  async #read() {
    try {
      if (!this.#begun) await this.#readPinned()
      const { next } = await this.#page({ cursor: this.#cursor })
      this.#cursor = next
      this.hasMore.set(next !== null)
      this.#show()
      this.#begun = true
      this.ready.set(true)
      this.failed.set(false)
    } catch {
      this.failed.set(true)
      if (!this.#begun) setTimeout(() => this.more(), AGAIN_SECONDS * 1000)
    }
  }

  /** However old: they stand above all others. */
  async #readPinned() {
    let cursor = /** @type {string|null} */ (null)
    do {
      cursor = (await this.#page({ pinned: true, limit: 100, cursor })).next
    } while (cursor !== null)
  }

  /** @param {string[]} ids @param {Partial<Item>} changes @param {() => Promise<void>} work @returns {Promise<boolean>} */
  async #hope(ids, changes, work) {
    const end = this.#hopes.add(ids, changes)
    this.#changed(ids)
    const problem = await work().then(() => null, (/** @type {Error} */ error) => error)
    end()
    this.#changed(ids)
    if (problem) this.dispatchEvent(new CustomEvent("notice", { detail: inOneLine(problem) }))
    return problem === null
  }

  /** @param {string[]} ids @param {string[]} [messages] */
  #changed(ids, messages = []) {
    this.#show()
    for (const id of ids) {
      this.dispatchEvent(new CustomEvent("change", { detail: { id, item: this.get(id) ?? null, messages } }))
    }
  }

  #show() {
    const all = [...this.#known.values()].map((item) => this.#hopes.over(item))
    this.items.set(all.filter(({ archived, deleted }) => !archived && !deleted).sort((a, b) => b.updated - a.updated))
  }
}
