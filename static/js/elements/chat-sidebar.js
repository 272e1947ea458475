/** @file The chats. Emits `new-chat`, `open-chat` and `delete-chat` with the id. */

import { h, icon, iconButton } from "../dom/h.js"
import { byDay } from "../lib/chats.js"
import { effect } from "../lib/signal.js"

/** @typedef {import("../types.js").Item} Chat */

export class ChatSidebar extends HTMLElement {
  #list = h("nav", { class: "chat-list", "aria-label": "Chats" })
  #shown = ""
  #end = () => {}

  connectedCallback() {
    this.append(
      h("div", { class: "sidebar-head" },
        h("button", { type: "button", class: "new-chat", onclick: () => this.#emit("new-chat") },
          icon("plus"), "New chat", h("kbd", { "aria-hidden": "true" }, "Ctrl Shift O"))),
      this.#list,
    )
  }

  disconnectedCallback() {
    this.#end()
  }

  /** @param {import("../state/library.js").Library} library @param {{get(): string|null}} current */
  watch(library, current) {
    this.#end = effect(() => this.#show(library.items.get(), current.get()))
  }

  /** @param {Chat[]} chats @param {string|null} current */
  #show(chats, current) {
    const groups = byDay(chats, Date.now())
    const shown = JSON.stringify([current, groups.map(({ name, chats: all }) =>
      [name, all.map((chat) => [chat.id, chat.title, chat.running])])])
    if (shown === this.#shown) return // or a click that has begun would hit nothing
    this.#shown = shown
    const focused = /** @type {HTMLElement|null} */ (document.activeElement)?.dataset.key
    this.#list.replaceChildren(...groups.map((group) =>
      h("section", { "aria-label": group.name },
        h("h2", { class: "chat-day" }, group.name),
        h("ul", {}, ...group.chats.map((chat) => this.#item(chat, chat.id === current))))))
    if (focused) this.#focusKey(focused)
  }

  /** The list is made anew; whoever is in it stays there. @param {string} key */
  #focusKey(key) {
    const again = this.#list.querySelector(`[data-key="${CSS.escape(key)}"]`)
    if (again instanceof HTMLElement) again.focus({ preventScroll: true })
  }

  /** @param {Chat} chat @param {boolean} current */
  #item(chat, current) {
    const remove = iconButton("trash", `Delete ${chat.title}`, () => this.#emit("delete-chat", chat.id))
    remove.dataset.key = `delete ${chat.id}`
    return h("li", { class: "chat-item" },
      h("a", {
        class: "chat-link", href: `#${chat.id}`, "data-key": chat.id, "aria-current": current && "page",
        onclick: () => this.#emit("open-chat", chat.id),
      },
      h("span", { class: "chat-title", dir: "auto" }, chat.title),
      chat.running && h("span", { class: "running-dot", role: "img", "aria-label": "being answered" })),
      remove)
  }

  /** @param {string} name @param {string} [detail] */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}

customElements.define("chat-sidebar", ChatSidebar)
