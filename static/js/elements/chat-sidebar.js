/** @file The chats beside the thread, the archive and the bin, and what is done with them. */

import { announce } from "../dom/announce.js"
import { h, icon, iconButton } from "../dom/h.js"
import { showKeys, wordsOf } from "../dom/keys.js"
import { ownRole } from "../lib/role.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { tellOfEnds } from "../state/ended.js"
import { archiveOf, binOf } from "../state/shelf.js"
import { ListDeeds } from "./list-deeds.js"

/** @typedef {import("../state/library.js").Library} Library @typedef {import("./selection-bar.js").View} View */

const VIEWS = {
  chats: { name: t("side.chats"), empty: t("side.noChats") },
  archived: { name: t("side.archived"), empty: t("side.noneArchived") },
  bin: { name: t("side.bin"), empty: t("side.binEmpty") },
}

/** Emits `project-wish`, `new-chat`, `open-chat` with the id, `open-search`, `open-settings`, and `notice` with what was done. */
export class ChatSidebar extends HTMLElement {
  #list = /** @type {import("./chat-list.js").ChatList} */ (document.createElement("chat-list"))
  #menu = /** @type {import("./row-menu.js").RowMenu} */ (document.createElement("row-menu"))
  #bar = /** @type {import("./selection-bar.js").SelectionBar} */ (document.createElement("selection-bar"))
  #title = h("h2", { tabindex: "-1" })
  #viewHead = h("div", { class: "view-head", hidden: true }, iconButton("back", t("side.back"), () => this.#go("chats")), this.#title)
  #projects = h("section", { class: "projects", "aria-label": t("projects.title") },
    h("div", { class: "projects-head" }, h("h2", { class: "projects-title" }, t("projects.title")), iconButton("plus", t("projects.new"), () => this.#emit("project-wish", ["create"]))))
  #scroll = h("nav", { class: "chat-scroll" }, this.#projects, this.#list, this.#menu)
  #settings = iconButton("settings", t("settings.title"), () => this.#emit("open-settings"))
  #foot = h("div", { class: "sidebar-foot" },
    iconButton("archive", t("side.archived"), () => this.#go("archived")),
    iconButton("trash", t("side.bin"), () => this.#go("bin")),
    iconButton("select", t("side.choose"), () => this.#deeds?.choose([])),
    this.#settings, ownRole() && document.createElement("account-button"))
  #heads = [this.#headButton("plus", t("side.new"), "fresh", "new-chat"), this.#headButton("search", t("search.name"), "search", "open-search")]
  /** @type {Library|null} */
  #library = null
  /** @type {ListDeeds|null} */
  #deeds = null
  /** @type {{get(): string|null}} */
  #current = { get: () => null }
  /** @type {import("../state/shelf.js").Shelf|null} */
  #shelf = null
  #end = () => {}

  connectedCallback() {
    this.append(
      h("div", { class: "sidebar-head" }, ...this.#heads.map(({ button }) => button)),
      this.#viewHead, this.#scroll, this.#bar, this.#foot)
    this.addEventListener("row-wish", (event) => this.#deeds?.onWish(/** @type {CustomEvent} */ (event).detail))
    this.addEventListener("chosen", (event) => this.#deeds?.onChosen(/** @type {CustomEvent} */ (event).detail, this.#bar))
    this.addEventListener("list-left", () => this.focus())
    this.#scroll.addEventListener("scroll", () => this.#menu.matches(":popover-open") && this.#menu.hidePopover(), { passive: true })
  }

  disconnectedCallback() {
    this.#end()
    this.#shelf?.close()
  }

  /** @param {Library} library @param {{get(): string|null}} current id of the chat in view */
  watch(library, current) {
    this.#library = library
    this.#current = current
    this.#deeds = new ListDeeds(library, this.#list, this.#menu)
    const ends = [effect(() => this.#onChoice(this.#list.choice.ids.get())), tellOfEnds(library, current, announce), effect(() => this.#showKeys())]
    this.#end = () => ends.forEach((end) => end())
    this.#show("chats")
  }

  /** Whether a title is being changed. */
  get isEditing() {
    return this.querySelector(".title-input") !== null
  }

  focus() {
    this.querySelector("button")?.focus()
  }

  /** Into the bin. @param {string|null} id */
  removeChat(id) {
    const item = this.#library?.get(id ?? "")
    if (item) this.#deeds?.act("delete", [item])
  }

  /** Open the one before or after the one in view. @param {-1|1} by */
  step(by) {
    const { order } = this.#list
    const at = order.indexOf(this.#current.get() ?? "")
    const next = order[at < 0 ? 0 : at + by]
    if (next) location.hash = `#${next}`
  }

  /** @param {Parameters<typeof icon>[0]} name @param {string} label @param {import("../lib/keys-table.js").Deed} deed @param {string} event */
  #headButton(name, label, deed, event) {
    const keys = h("kbd", { "aria-hidden": "true" })
    return { deed, label, keys, button: h("button", { type: "button", class: "head-button", onclick: () => this.#emit(event) }, icon(name), label, keys) }
  }

  #showKeys() {
    for (const { deed, label, keys, button } of this.#heads) {
      showKeys(button, deed, label)
      button.removeAttribute("title") // they stand on it
      keys.textContent = wordsOf(deed).join(" ")
    }
    showKeys(this.#settings, "settings", t("settings.title"))
  }

  /** @param {View} view */
  #go(view) {
    this.#show(view)
    if (view === "chats") this.focus()
    else this.#title.focus()
  }

  /** @param {View} view */
  #show(view) {
    const library = /** @type {Library} */ (this.#library)
    const { name, empty } = VIEWS[view]
    this.#shelf?.close()
    this.#shelf = view === "archived" ? archiveOf(library) : view === "bin" ? binOf(library) : null
    this.#title.textContent = name
    this.#viewHead.hidden = view === "chats"
    this.#projects.hidden = view !== "chats"
    this.#scroll.setAttribute("aria-label", name)
    this.#scroll.scrollTop = 0
    this.#bar.watch(view)
    this.#list.watch(this.#shelf ?? library, this.#current, empty)
  }

  /** @param {ReadonlySet<string>|null} ids */
  #onChoice(ids) {
    this.#bar.show(ids && ids.size)
    this.#foot.hidden = ids !== null
  }

  /** @param {string} name @param {unknown} [detail] */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}

customElements.define("chat-sidebar", ChatSidebar)
