/** @file The conversations of the server as a list, and what can be done with whole ones. */

import * as api from "../lib/conversations-api.js"
import { order } from "../lib/groups.js"
import { EFFECTS, Hopes } from "../lib/hopes.js"
import { Ordered } from "../lib/ordered.js"
import { inOneLine } from "../lib/problems.js"
import { signal } from "../lib/signal.js"
import { Pages } from "./pages.js"

/** @typedef {import("../types.js").Item} Item @typedef {import("../types.js").BatchAction} BatchAction */

const MOST_IN_A_BATCH = 1000

/**
 * What is done here is shown at once, and taken back where the server refuses it: then a `notice`
 * tells why (`detail` is its text). `change` tells of each conversation that has changed, here or
 * elsewhere: `detail` is `{id, item, messages}`; `item` is null when it is gone for good.
 */
export class Library extends EventTarget {
  /** Those that are known, newest first, pinned ones among them; none that is archived or in the bin. */
  items = signal(/** @type {Item[]} */ ([]))
  #known = /** @type {Map<string, Item>} */ (new Map()) // as the server has them, also archived and deleted ones
  #shown = /** @type {Ordered<Item>} */ (new Ordered(order))
  #hopes = /** @type {Hopes<Item>} */ (new Hopes())
  #reading = 0 // pages on their way
  #told = /** @type {Set<string>} */ (new Set()) // those the server has told of meanwhile
  #pinned = /** @type {Item[]} */ ([]) // read, and shown with the first page
  #pages = new Pages(() => this.#readPinned(), (cursor) => this.#readPage(cursor))

  hasMore = this.#pages.hasMore
  ready = this.#pages.ready
  failed = this.#pages.failed

  /** @param {string} id @returns {Item|undefined} */
  get(id) {
    const item = this.#known.get(id)
    return item && this.#hopes.over(item)
  }

  more() {
    return this.#pages.more()
  }

  /** Read anew what is shown: something was missed. It stays in view until then. */
  async reload() {
    const before = this.#shown.all.map(({ id }) => /** @type {Item} */ (this.#known.get(id)))
    if (!await this.#pages.again(before.length)) return
    const gone = before.filter((item) => this.#known.get(item.id) === item) // else it was read, or told of
    for (const { id } of gone) this.#known.delete(id)
    this.#show(gone.map(({ id }) => id))
  }

  /** @param {string} id @param {Partial<Item>} changes @returns {Promise<boolean>} whether it is done */
  async patch(id, changes) {
    return this.#hope([id], changes, async () => this.take(await api.change(id, changes)))
  }

  /** @param {string[]} ids @param {BatchAction} action @param {string|null} [project] where they are moved to @returns {Promise<boolean>} */
  async batch(ids, action, project = null) {
    const changes = EFFECTS[action](project)
    return this.#hope(ids, changes, async () => {
      for (let from = 0; from < ids.length; from += MOST_IN_A_BATCH) {
        await api.batch(ids.slice(from, from + MOST_IN_A_BATCH), action, project)
      }
      for (const id of ids) this.#confirm(id, changes)
    })
  }

  remove = (/** @type {string[]} */ ids) => this.batch(ids, "delete") // into the bin
  restore = (/** @type {string[]} */ ids) => this.batch(ids, "restore")

  /** A page of what is in the bin, archived, or in a project. All reject with an ApiError. */
  bin = (/** @type {string|null} */ cursor = null) => this.#page({ deleted: true, cursor })
  archive = (/** @type {string|null} */ cursor = null) => this.#page({ archived: true, cursor })
  /** @param {string} project */
  within = (project) => (/** @type {string|null} */ cursor = null) => this.#page({ project, cursor })

  /** The server has told of one. @param {Item} item @param {string[]} [messages] ids of those that have changed */
  take(item, messages = []) {
    const known = this.#known.get(item.id)
    if (!known || known.revision <= item.revision) this.#known.set(item.id, item)
    this.#told.add(item.id)
    this.#changed([item.id], messages)
  }

  /** It is gone for good. @param {string} id */
  forget(id) {
    this.#known.delete(id)
    this.#told.add(id)
    this.#changed([id])
  }

  /** @param {string} id @param {Partial<Item>} changes */
  #confirm(id, changes) {
    const item = this.#known.get(id)
    if (item) this.#known.set(id, { ...item, ...changes })
  }

  /** What was read is known from then on, so that it can be changed. @param {api.Query} query */
  async #page(query) {
    if (!this.#reading++) this.#told.clear()
    const page = await api.list(query).finally(() => { this.#reading-- })
    for (const item of page.items) if (!this.#isOlder(item)) this.#known.set(item.id, item)
    return page
  }

  /** Than what the server has told of while it was read. @param {Item} read */
  #isOlder(read) {
    const known = this.#known.get(read.id)
    return this.#told.has(read.id) && (!known || known.revision > read.revision)
  }

  /** @param {string|null} cursor */
  async #readPage(cursor) {
    const { items, next } = await this.#page({ cursor })
    this.#show([...this.#pinned, ...items].map(({ id }) => id))
    this.#pinned = []
    return { count: items.length, next }
  }

  /** However old: they stand above all others. */
  async #readPinned() {
    let cursor = /** @type {string|null} */ (null)
    this.#pinned = []
    do {
      const { items, next } = await this.#page({ pinned: true, limit: 100, cursor })
      this.#pinned.push(...items)
      cursor = next
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
    this.#show(ids)
    for (const id of ids) {
      this.dispatchEvent(new CustomEvent("change", { detail: { id, item: this.get(id) ?? null, messages } }))
    }
  }

  /** @param {string[]} ids of those that may have changed */
  #show(ids) {
    for (const id of ids) {
      const item = this.get(id)
      if (item && !item.archived && !item.deleted) this.#shown.put(item)
      else this.#shown.drop(id)
    }
    this.items.set(this.#shown.all)
  }
}
