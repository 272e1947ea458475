/** @file Rows under headings, kept in order by moving as few of them as possible. */

import { placeIn } from "../lib/groups.js"
import { h } from "./h.js"

/** @typedef {{section: HTMLElement, rows: HTMLUListElement}} Group */

/**
 * @template {{id: string}} Thing
 * @typedef {{groupOf: (thing: Thing) => {rank: number, name: string}, order: (a: Thing, b: Thing) => number,
 *   make: (thing: Thing) => HTMLLIElement, update: (row: HTMLLIElement, thing: Thing) => void}} Manner
 */

/** @template {{id: string}} Thing */
export class GroupedList {
  /** @type {Map<string, {row: HTMLLIElement, thing: Thing}>} */
  #all = new Map()
  /** @type {Map<number, Group>} */
  #groups = new Map()
  /** @type {Thing[]} */
  #shown = []

  /** @param {HTMLElement} container @param {Manner<Thing>} manner */
  constructor(container, manner) {
    this.container = container
    this.manner = manner
  }

  /** @param {Thing[]} things those that are the same objects as before stay as they are */
  show(things) {
    const [first, last] = changedPart(this.#shown, things)
    const now = things.slice(first, things.length - last)
    const ids = new Set(now.map(({ id }) => id))
    for (const { id } of this.#shown.slice(first, this.#shown.length - last)) if (!ids.has(id)) this.#drop(id)
    for (const thing of now) if (this.#all.get(thing.id)?.thing !== thing) this.#put(thing)
    this.#shown = things
    for (const [rank, group] of this.#groups) this.#settle(rank, group)
  }

  clear() {
    this.#all.clear()
    this.#groups.clear()
    this.#shown = []
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

  /** @param {string} id */
  #drop(id) {
    this.#all.get(id)?.row.remove()
    this.#all.delete(id)
  }

  /** How high it is, is known without its rows being laid out (chat-list.css). @param {number} rank @param {Group} group */
  #settle(rank, { section, rows }) {
    const count = rows.childElementCount
    if (count) return section.style.setProperty("--rows", String(count))
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

/** How many are the same at the beginning, and at the end. @param {unknown[]} before @param {unknown[]} after */
function changedPart(before, after) {
  const most = Math.min(before.length, after.length)
  let first = 0
  while (first < most && before[first] === after[first]) first++
  let last = 0
  while (last < most - first && before.at(-1 - last) === after.at(-1 - last)) last++
  return [first, last]
}
