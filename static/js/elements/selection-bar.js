/** @file What can be done with the chosen rows of a list, and how many those are. */

import { h, icon, iconButton } from "../dom/h.js"

/** @typedef {"chats"|"archived"|"bin"} View */
/** @typedef {import("../types.js").BatchAction|"forever"|"export"|"all"|"end"} Chosen */

/** @type {Record<View, [Chosen, string, Parameters<typeof icon>[0]][]>} */
const ACTIONS = {
  chats: [["pin", "Pin", "pin"], ["archive", "Archive", "archive"], ["export", "Export", "file"], ["delete", "Delete", "trash"]],
  archived: [["unarchive", "Take out", "restore"], ["export", "Export", "file"], ["delete", "Delete", "trash"]],
  bin: [["restore", "Restore", "restore"], ["forever", "Delete for good", "trash"]],
}

/** Emits `chosen` with what to do. */
export class SelectionBar extends HTMLElement {
  #count = h("p", { role: "status" })
  #actions = h("div", { class: "selection-actions" })

  connectedCallback() {
    this.setAttribute("role", "group")
    this.setAttribute("aria-label", "Chosen chats")
    this.hidden = true
    this.append(
      h("div", { class: "selection-head" }, this.#count,
        h("button", { type: "button", class: "text-button", onclick: () => this.#emit("all") }, "All"),
        iconButton("close", "End choosing", () => this.#emit("end"))),
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
    this.#count.textContent = count === null ? "" : `${count.toLocaleString("en")} chosen`
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
