/** @file The links to copies of one chat, or of all of them; each can be revoked. */

import { h } from "../dom/h.js"
import { inOneLine } from "../lib/problems.js"
import { shares } from "../lib/shares-api.js"
import { t } from "../lib/t.js"
import { ShareRow } from "./share-row.js"

/** @typedef {import("../lib/shares-api.js").Share} Share */

let count = 0

export class ShareList extends HTMLElement {
  #id = `share-list-${++count}`
  #title = h("h3", { id: this.#id, tabindex: "-1" })
  #list = h("ul", { class: "shares", "aria-labelledby": this.#id })
  #none = h("p", { class: "shares-none", hidden: true })
  #told = h("p", { class: "shares-told", role: "status" })

  connectedCallback() {
    if (this.firstChild) return
    this.append(this.#title, this.#told, this.#none, this.#list)
    this.addEventListener("revoked", (event) => this.#forget(/** @type {HTMLElement} */ (event.target)))
  }

  /** @param {string|null} chat null: of all chats */
  async load(chat) {
    this.#title.textContent = chat === null ? t("share.all") : t("share.mine")
    this.#none.textContent = chat === null ? t("share.none") : t("share.noneHere")
    this.#told.textContent = ""
    this.#list.replaceChildren()
    try {
      const { items } = await shares(chat)
      this.#list.replaceChildren(...items.map(rowOf))
      this.#count()
    } catch (error) {
      this.#told.textContent = inOneLine(/** @type {Error} */ (error))
    }
  }

  /** @param {Share} share */
  add(share) {
    this.#list.prepend(rowOf(share))
    this.#count()
  }

  #count() {
    this.#none.hidden = this.#list.childElementCount > 0
  }

  /** Its button goes. @param {HTMLElement} row */
  #forget(row) {
    row.remove()
    this.#told.textContent = t("share.revoked")
    this.#count()
    this.#title.focus()
  }
}

/** @param {Share} share */
function rowOf(share) {
  const row = new ShareRow()
  row.show(share)
  return row
}

customElements.define("share-list", ShareList)
