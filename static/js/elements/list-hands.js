/** @file What clicks and keys in a list of chats do. */

import { wishOf } from "../lib/list-keys.js"
import { linkOf } from "./chat-row.js"

/** @typedef {import("./chat-list.js").ChatList} ChatList */

export class ListHands {
  /** @param {ChatList} list */
  constructor(list) {
    this.list = list
  }

  begin() {
    this.list.addEventListener("click", this.#onClick)
    this.list.addEventListener("dblclick", this.#onDoubleClick)
    this.list.addEventListener("keydown", this.#onKey)
    this.list.addEventListener("focusin", this.#onFocus)
  }

  end() {
    this.list.removeEventListener("click", this.#onClick)
    this.list.removeEventListener("dblclick", this.#onDoubleClick)
    this.list.removeEventListener("keydown", this.#onKey)
    this.list.removeEventListener("focusin", this.#onFocus)
  }

  /** @param {Event} event */
  #rowOf({ target }) {
    return target instanceof Element ? target.closest("li") : null
  }

  #onFocus = (/** @type {FocusEvent} */ event) => {
    const row = this.#rowOf(event)
    if (row) this.list.activate(row)
  }

  #onClick = (/** @type {MouseEvent} */ event) => {
    const row = this.#rowOf(event)
    const part = /** @type {HTMLElement|null} */ (/** @type {Element} */ (event.target).closest(".chat-link, .row-more"))
    if (!row || !part) return
    const id = row.dataset.id ?? ""
    if (this.list.choice.now) {
      event.preventDefault()
      this.list.choice.tick(id, event.shiftKey ? this.list.order : null)
    } else if (part.hasAttribute("aria-haspopup")) this.#want("menu", row, part)
    else this.#emit("open-chat", id)
  }

  #onDoubleClick = (/** @type {MouseEvent} */ event) => {
    const row = this.#rowOf(event)
    const onTitle = /** @type {Element} */ (event.target).closest("a.chat-link")
    if (row && onTitle && !this.list.choice.now) this.#want("rename", row)
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    const row = this.#rowOf(event)
    const { choice } = this.list
    const wish = row && wishOf(event, choice.now !== null)
    if (!row || !wish) return
    event.preventDefault()
    event.stopPropagation()
    if (wish === "leave") choice.end()
    else if (wish === "all") choice.all(() => this.list.order)
    else if (wish === "toggle") choice.tick(row.dataset.id ?? "", null)
    else if (typeof wish === "string") this.#want(wish, row)
    else this.#move(row, wish)
  }

  /** @param {HTMLElement} from @param {import("../lib/list-keys.js").Move} move */
  #move(from, { to, extend }) {
    const { rows, choice } = this.list
    const at = rows.findIndex((row) => row === from)
    const index = { next: at + 1, previous: at - 1, first: 0, last: rows.length - 1 }[to]
    const row = rows[Math.max(0, Math.min(index, rows.length - 1))]
    if (extend) choice.extend(this.list.order, from.dataset.id ?? "", row.dataset.id ?? "")
    linkOf(row).focus()
  }

  /** @param {"menu"|"rename"|"delete"} wish @param {HTMLElement} row @param {HTMLElement|null} [button] */
  #want(wish, row, button = null) {
    this.#emit("row-wish", { wish, row, item: this.list.item(row.dataset.id ?? ""), button })
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.list.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}
