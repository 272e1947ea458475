/** @file What can be done with the chosen rows of a list, and how many those are. */

import { h, icon, iconButton } from "../dom/h.js"
import { t } from "../lib/t.js"

/** @typedef {"chats"|"archived"|"bin"} View */
/** @typedef {import("../types.js").BatchAction|"forever"|"export"|"all"|"end"} Chosen */

/** @type {Record<View, [Chosen, string, Parameters<typeof icon>[0]][]>} */
const ACTIONS = {
  chats: [["pin", t("row.pin"), "pin"], ["archive", t("row.archive"), "archive"], ["move", t("bar.move"), "folder"], ["export", t("bar.export"), "file"], ["delete", t("delete.go"), "trash"]],
  archived: [["unarchive", t("bar.unarchive"), "restore"], ["export", t("bar.export"), "file"], ["delete", t("delete.go"), "trash"]],
  bin: [["restore", t("row.restore"), "restore"], ["forever", t("forever.go"), "trash"]],
}

/** Emits `chosen` with what to do. */
export class SelectionBar extends HTMLElement {
  #count = h("p", { role: "status" })
  #actions = h("div", { class: "selection-actions" })

  connectedCallback() {
    this.setAttribute("role", "group")
    this.setAttribute("aria-label", t("bar.label"))
    this.hidden = true
    this.append(
      h("div", { class: "selection-head" }, this.#count,
        h("button", { type: "button", class: "text-button", onclick: () => this.#emit("all") }, t("bar.all")),
        iconButton("close", t("bar.end"), () => this.#emit("end"))),
      this.#actions)
    this.addEventListener("keydown", this.#onKey)
  }

  disconnectedCallback() {
    this.removeEventListener("keydown", this.#onKey)
  }

  /** @param {View} view */
  watch(view) {
    this.#actions.replaceChildren(...ACTIONS[view].map(([action, label, name]) =>
      h("button", { type: "button", class: "selection-action", onclick: () => this.#emit(action) }, icon(name), label)))
  }

  /** @param {number|null} count null: none are being chosen */
  show(count) {
    this.hidden = count === null
    this.#count.textContent = count === null ? "" : t("bar.count", { chosen: count })
    for (const button of this.#actions.children) button.toggleAttribute("disabled", !count)
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return
    event.stopPropagation()
    this.#emit("end")
  }

  /** @param {Chosen} detail */
  #emit(detail) {
    this.dispatchEvent(new CustomEvent("chosen", { bubbles: true, detail }))
  }
}

customElements.define("selection-bar", SelectionBar)
