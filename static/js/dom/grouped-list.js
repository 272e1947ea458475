/** @file Rows under headings, kept in order by moving as few of them as possible. */

import { placeIn } from "../lib/groups.js"
import { h } from "./h.js"

/**
 * @template {{id: string}} Thing
 * @typedef {{groupOf: (thing: Thing) => {rank: number, name: string}, order: (a: Thing, b: Thing) => number,
 *   make: (thing: Thing) => HTMLLIElement, update: (row: HTMLLIElement, thing: Thing) => void}} Manner
 */

/** @template {{id: string}} Thing */
export class GroupedList {
  /** @type {Map<string, {row: HTMLLIElement, thing: Thing}>} */
  #all = new Map()
  /** @type {Map<number, {section: HTMLElement, rows: HTMLUListElement}>} */
  #groups = new Map()

  /** @param {HTMLElement} container @param {Manner<Thing>} manner */
  constructor(container, manner) {
    this.container = container
    this.manner = manner
  }

  /** @param {Thing[]} things those that are the same objects as before stay as they are */
  show(things) {
    const ids = new Set(things.map(({ id }) => id))
    for (const [id, { row }] of this.#all) if (!ids.has(id)) this.#drop(id, row)
    for (const thing of things) if (this.#all.get(thing.id)?.thing !== thing) this.#put(thing)
    for (const [rank, { section, rows }] of this.#groups) if (!rows.firstChild) this.#dropGroup(rank, section)
  }

  clear() {
    this.#all.clear()
    this.#groups.clear()
    this.container.replaceChildren()
  }

  /** @returns {HTMLLIElement[]} as they stand */
  get rows() {
    return [...this.container.querySelectorAll("li")]
  }

  /** @param {string} id */
  row(id) {
    return this.#all.get(id)?.row ?? null
  }

  /** @param {string} id */
  thing(id) {
    return this.#all.get(id)?.thing
  }

  /** @param {string} id @param {HTMLLIElement} row */
  #drop(id, row) {
    row.remove()
    this.#all.delete(id)
  }

  /** @param {number} rank @param {HTMLElement} section */
  #dropGroup(rank, section) {
    section.remove()
    this.#groups.delete(rank)
  }

  /** @param {Thing} thing */
  #put(thing) {
    const known = this.#all.get(thing.id)
    const row = known?.row ?? this.manner.make(thing)
    this.#all.set(thing.id, { row, thing })
    this.manner.update(row, thing)
    const { rows } = this.#group(this.manner.groupOf(thing))
    if (row.parentNode === rows && this.#isInPlace(row, thing)) return
    const focused = /** @type {HTMLElement|null} */ (row.contains(document.activeElement) ? document.activeElement : null)
    row.remove()
    const { children } = rows
    const index = placeIn(children.length, (at) => this.manner.order(this.#thingOf(children[at]), thing) < 0)
    rows.insertBefore(row, children[index] ?? null)
    focused?.focus({ preventScroll: true })
  }

  /** @param {Element} row @param {Thing} thing */
  #isInPlace({ previousElementSibling: before, nextElementSibling: after }, thing) {
    return (!before || this.manner.order(this.#thingOf(before), thing) <= 0)
      && (!after || this.manner.order(thing, this.#thingOf(after)) <= 0)
  }

  /** @param {Element} row @returns {Thing} */
  #thingOf(row) {
    return /** @type {{thing: Thing}} */ (this.#all.get(/** @type {HTMLElement} */ (row).dataset.id ?? "")).thing
  }

  /** @param {{rank: number, name: string}} wanted */
  #group({ rank, name }) {
    const known = this.#groups.get(rank)
    if (known) return known
    const rows = h("ul", {})
    const section = h("section", { "aria-label": name }, h("h2", { class: "chat-day" }, name), rows)
    const later = [...this.#groups.keys()].filter((one) => one > rank)
    const next = later.length ? this.#groups.get(Math.min(...later)) : null
    this.container.insertBefore(section, next?.section ?? null)
    const group = { section, rows }
    this.#groups.set(rank, group)
    return group
  }
}
