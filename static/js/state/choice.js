/** @file Which rows of a list are chosen, to do one thing with all of them. */

import { extended, remaining, toggled } from "../lib/selection.js"
import { signal } from "../lib/signal.js"

export class Choice {
  /** null: none are being chosen. */
  ids = signal(/** @type {ReadonlySet<string>|null} */ (null))
  /** The same, without following it. @type {ReadonlySet<string>|null} */
  now = null
  /** @type {string|null} where a range begins */
  #anchor = null
  #round = 0
  /** @type {import("./shelf.js").Source|null} */
  #source = null

  /** Nothing is chosen of these yet. @param {import("./shelf.js").Source} source */
  of(source) {
    this.#source = source
    this.end()
  }

  /** @param {string[]} ids those that are chosen from the start */
  begin(ids) {
    this.#anchor = ids[0] ?? null
    this.#set(new Set(ids))
  }

  end() {
    this.#anchor = null
    this.#round++
    this.#set(null)
  }

  /** Those in the list at once, and the rest as it is read. @param {() => string[]} order all ids in the list */
  async all(order) {
    const [source, round] = [this.#source, this.#round]
    const met = new Set(order())
    this.#set(met)
    while (source?.hasMore.get() && !source.failed.get()) {
      await source.more()
      if (round !== this.#round || !this.now) return
      const further = order().filter((id) => !met.has(id))
      further.forEach((id) => met.add(id))
      this.#set(new Set([...this.now, ...further]))
    }
  }

  /** @param {string} id @param {string[]|null} range all ids in order: all up to this one are meant */
  tick(id, range) {
    const chosen = this.now ?? new Set()
    this.#set(range ? extended(chosen, range, this.#anchor, id) : toggled(chosen, id))
    this.#anchor = id
  }

  /** From one row to its neighbour: the first one begins the range. @param {string[]} order @param {string} from @param {string} to */
  extend(order, from, to) {
    const chosen = this.now ?? new Set()
    this.#set(extended(new Set([...chosen, from]), order, from, to))
    this.#anchor ??= from
  }

  /** Only those that are still there. @param {(id: string) => boolean} isThere */
  keep(isThere) {
    const ids = this.now
    if (ids && [...ids].some((id) => !isThere(id))) this.#set(remaining(ids, isThere))
  }

  /** @param {ReadonlySet<string>|null} ids */
  #set(ids) {
    this.now = ids
    this.ids.set(ids)
  }
}
