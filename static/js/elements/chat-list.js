/** @file Chats under their dates. Older ones are read when the end of the list comes near. */

import { GroupedList } from "../dom/grouped-list.js"
import { groupOf, order } from "../lib/groups.js"
import { effect } from "../lib/signal.js"
import { Choice } from "../state/choice.js"
import { linkOf, makeRow, setReachable, tick, updateRow } from "./chat-row.js"
import { ListEnd } from "./list-end.js"
import { ListHands } from "./list-hands.js"

/** @typedef {import("../types.js").Item} Item @typedef {import("../state/shelf.js").Source} Source */

/**
 * Emits `open-chat` with an id, `row-wish` with what is wanted of a row (`RowWish`), and `list-left`
 * when the row that had the focus was the last one. While rows are being chosen, a click ticks a row.
 *
 * @typedef {{wish: "menu"|"rename"|"delete", row: HTMLElement, item: Item, button: HTMLElement|null}} RowWish
 */
export class ChatList extends HTMLElement {
  choice = new Choice()
  #hands = new ListHands(this)
  #end = new ListEnd(this)
  #today = new Date().toDateString()
  /** @type {GroupedList<Item>} */
  #list = new GroupedList(this, {
    groupOf: (item) => groupOf(item, Date.now()), order, update: updateRow,
    make: (item) => this.#make(item),
  })
  /** @type {HTMLElement|null} the row that the Tab key comes to */
  #active = null
  /** @type {string|null} */
  #current = null
  #stop = () => {}

  connectedCallback() {
    this.#hands.begin()
    document.addEventListener("visibilitychange", this.#onDay)
  }

  disconnectedCallback() {
    this.#stop()
    this.#hands.end()
    document.removeEventListener("visibilitychange", this.#onDay)
  }

  /** @param {Source} source @param {{get(): string|null}} current id of the chat in view @param {string} empty what to say where there is nothing */
  watch(source, current, empty) {
    this.#stop()
    this.#list.clear()
    this.choice.of(source)
    const stops = [
      effect(() => this.#show(source.items.get())),
      effect(() => this.#mark(current.get())),
      effect(() => this.#tick(this.choice.ids.get())),
      this.#end.watch(source, empty),
    ]
    this.#stop = () => stops.forEach((stop) => stop())
  }

  /** @returns {HTMLLIElement[]} as they stand */
  get rows() {
    return this.#list.rows
  }

  /** @returns {string[]} */
  get order() {
    return this.rows.map((row) => row.dataset.id ?? "")
  }

  /** @param {string} id */
  row(id) {
    return this.#list.row(id)
  }

  /** @param {string} id */
  item(id) {
    return this.#list.thing(id)
  }

  /** @returns {Item[]} those that are ticked */
  get chosen() {
    return [...this.choice.now ?? []].flatMap((id) => this.item(id) ?? [])
  }

  focus() {
    if (this.#active) linkOf(this.#active).focus()
  }

  /** It is the one that the Tab key comes to. @param {HTMLElement|null} row */
  activate(row) {
    setReachable(this.#active, false)
    setReachable(row, true)
    this.#active = row
  }

  /** @param {Item[]} items */
  #show(items) {
    const focused = /** @type {HTMLElement|null} */ (this.contains(document.activeElement) && document.activeElement?.closest("li"))
    const around = focused ? this.order : []
    this.#list.show(items)
    this.choice.keep((id) => this.row(id) !== null)
    if (focused && !focused.isConnected) this.#focusNear(around, focused.dataset.id ?? "")
    if (!this.#active?.isConnected) this.activate(this.rows[0] ?? null)
  }

  /** Whoever was on a row that is gone comes to the one after it. @param {string[]} around @param {string} id */
  #focusNear(around, id) {
    const at = around.indexOf(id)
    const near = [...around.slice(at + 1), ...around.slice(0, at).reverse()].find((one) => this.row(one))
    const row = this.row(near ?? "")
    if (row) linkOf(row).focus()
    else this.dispatchEvent(new Event("list-left", { bubbles: true }))
  }

  /** @param {Item} item */
  #make(item) {
    const row = makeRow(item)
    if (this.choice.now) tick(row, false)
    if (item.id === this.#current) linkOf(row).setAttribute("aria-current", "page")
    return row
  }

  /** @param {string|null} current */
  #mark(current) {
    const [before, now] = [this.row(this.#current ?? ""), this.row(current ?? "")]
    this.#current = current
    if (before) linkOf(before).removeAttribute("aria-current")
    if (now) linkOf(now).setAttribute("aria-current", "page")
    if (now && !this.contains(document.activeElement)) this.activate(now)
  }

  /** @param {ReadonlySet<string>|null} ids */
  #tick(ids) {
    this.toggleAttribute("data-choosing", ids !== null)
    for (const row of this.rows) tick(row, ids && ids.has(row.dataset.id ?? ""))
  }

  /** The headings are of another day. */
  #onDay = () => {
    const today = new Date().toDateString()
    if (today === this.#today) return
    this.#today = today
    const items = this.order.flatMap((id) => this.item(id) ?? [])
    this.#list.clear()
    this.#show(items)
    this.#tick(this.choice.now)
  }
}

customElements.define("chat-list", ChatList)
