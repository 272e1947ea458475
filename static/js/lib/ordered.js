/** @file Things in order, one of which changes without a look at all others. */

import { placeIn } from "./groups.js"

/** @template {{id: string}} Thing */
export class Ordered {
  /** @type {Thing[]} */
  #all = []
  /** @type {Map<string, Thing>} */
  #known = new Map()

  /** @param {(a: Thing, b: Thing) => number} order below 0: `a` comes first; 0 for the same thing only */
  constructor(order) {
    this.order = order
  }

  /** A copy. */
  get all() {
    return [...this.#all]
  }

  get size() {
    return this.#all.length
  }

  /** In the place of what had its id. @param {Thing} thing */
  put(thing) {
    if (this.#known.get(thing.id) === thing) return
    this.drop(thing.id)
    this.#all.splice(this.#place(thing), 0, thing)
    this.#known.set(thing.id, thing)
  }

  /** @param {string} id */
  drop(id) {
    const known = this.#known.get(id)
    if (!known) return
    this.#all.splice(this.#place(known), 1)
    this.#known.delete(id)
  }

  /** @param {Thing} thing */
  #place(thing) {
    return placeIn(this.#all.length, (index) => this.order(this.#all[index], thing) < 0)
  }
}
