/** @file Does what is wanted of a row of the list, or of all chosen ones. */

import { announce } from "../dom/announce.js"
import { removeForever } from "../lib/conversations-api.js"
import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { act, named } from "../state/deeds.js"
import { moreOf } from "./chat-row.js"
import { entriesOf } from "./row-entries.js"
import { editTitle } from "./title-editor.js"

const MOST_AT_ONCE = 1000

/** @typedef {import("../types.js").Item} Item @typedef {import("./selection-bar.js").Chosen} Chosen */

/** What was done is told by a `notice` of the list. */
export class ListDeeds {
  /** @param {import("../state/library.js").Library} library @param {import("./chat-list.js").ChatList} list @param {import("./row-menu.js").RowMenu} menu */
  constructor(library, list, menu) {
    this.library = library
    this.list = list
    this.menu = menu
  }

  /** @param {import("./chat-list.js").RowWish} wanted */
  onWish({ wish, row, item, button }) {
    if (wish === "menu") this.#openMenu(button ?? moreOf(row), item)
    else if (wish === "delete") this.#remove(this.list.choice.now ? this.list.chosen : [item])
    else if (item.deleted === null) this.#rename(item)
  }

  /** @param {Chosen} what is to be done with those that are chosen @param {HTMLElement} bar that they are told by */
  onChosen(what, bar) {
    const { chosen, choice } = this.list
    if (what === "all") return choice.all(() => this.list.order)
    if (what === "export") return this.#export(chosen)
    if (what === "move") return this.#move(chosen, bar)
    if (what === "forever") return this.#removeForever(chosen)
    this.list.focus() // what has it goes
    choice.end()
    if (what !== "end") this.act(what, chosen)
    return undefined
  }

  /** @param {string[]} ids of those that are chosen from the start */
  choose(ids) {
    this.list.choice.begin(ids)
    this.list.focus()
  }

  /** @param {import("../types.js").BatchAction} action @param {Item[]} items */
  act(action, items) {
    const told = act(this.library, action, items)
    if (told) this.#tell(told)
  }

  /** @param {Item[]} items @param {HTMLElement} anchor beside which it is asked where to */
  #move(items, anchor) {
    this.list.dispatchEvent(new CustomEvent("project-wish", { bubbles: true, detail: ["move", items, anchor, () => this.list.choice.end()] }))
  }

  /** @param {HTMLElement} button @param {Item} item */
  #openMenu(button, item) {
    this.menu.toggle(button, item.title, entriesOf(item, {
      rename: () => this.#rename(item),
      choose: () => this.choose([item.id]),
      move: () => this.#move([item], button),
      share: () => this.#emit("share-chat", item),
      remove: () => this.#remove([item]),
      act: (action) => this.act(action, [item]),
    }))
  }

  /** @param {Item} item */
  #rename({ id, title }) {
    const row = this.list.row(id)
    if (row) editTitle(row, title, (next) => this.library.patch(id, { title: next }))
  }

  /** @param {Item[]} items */
  #remove(items) {
    if (items.some(({ deleted }) => deleted !== null)) this.#removeForever(items)
    else {
      this.list.choice.end()
      this.act("delete", items)
    }
  }

  /** @param {Item[]} items */
  async #export(items) {
    try {
      const { exportChosen } = await import("../dom/export.js") // it is seldom wanted
      await exportChosen(items.map(({ id }) => id))
    } catch (error) {
      this.#tell(inOneLine(/** @type {Error} */ (error)))
    }
  }

  /** @param {Item[]} items */
  async #removeForever(items) {
    const detail = t("forever.text", { count: items.length, what: named(items) })
    if (!items.length || !await this.#ask(t("forever.title"), detail, t("forever.go"))) return
    this.list.focus()
    this.list.choice.end()
    try {
      for (let from = 0; from < items.length; from += MOST_AT_ONCE) {
        const ids = items.slice(from, from + MOST_AT_ONCE).map(({ id }) => id)
        await removeForever(ids)
        for (const id of ids) this.library.forget(id)
      }
      announce(t("forever.done", { what: named(items) }))
    } catch (error) {
      this.#tell(inOneLine(/** @type {Error} */ (error)))
    }
  }

  /** @param {[string, string, string]} words */
  #ask(...words) {
    const dialog = /** @type {import("./confirm-dialog.js").ConfirmDialog} */ (document.querySelector("confirm-dialog"))
    return dialog.ask(...words)
  }

  /** @param {unknown} detail */
  #tell(detail) {
    this.#emit("notice", detail)
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.list.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}
