/** @file The chats of a project, the last used first. Emits `project-left` when one of them is gone to. */

import { h } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { Shelf } from "../state/shelf.js"

/** @typedef {import("../types.js").Item} Item */

export class ProjectChats extends HTMLElement {
  #rows = h("ul", { class: "project-chats", "aria-label": t("projects.chats") })
  #note = h("p", { class: "prompts-empty", role: "status" })
  #more = h("button", { type: "button", class: "text-button", onclick: () => this.#shelf?.more() }, t("projects.more"))
  #emit = emitter(this)
  #shelf = /** @type {Shelf|null} */ (null)
  #end = () => {}

  connectedCallback() {
    if (!this.firstChild) this.append(h("h3", {}, t("projects.chats")), this.#note, this.#rows, this.#more)
  }

  /** @param {import("../state/library.js").Library} library @param {string} project */
  watch(library, project) {
    this.leave()
    const shelf = new Shelf(library, library.within(project), (item) => item.project === project && !item.deleted && !item.archived)
    const end = effect(() => this.#show(shelf.items.get(), shelf.ready.get(), shelf.failed.get(), shelf.hasMore.get()))
    this.#shelf = shelf
    this.#end = () => [end(), shelf.close()]
    shelf.more()
  }

  /** Stop listening. */
  leave() {
    this.#end()
    this.#end = () => {}
  }

  /** @param {Item[]} items @param {boolean} ready @param {boolean} failed @param {boolean} hasMore */
  #show(items, ready, failed, hasMore) {
    this.#rows.replaceChildren(...items.map(({ id, title }) => h("li", {},
      h("a", { class: "chat-link", href: `./#${id}`, dir: "auto", onclick: () => this.#emit("project-left", null) }, h("span", { class: "chat-title" }, title)))))
    this.#note.hidden = items.length > 0 || !(ready || failed)
    this.#note.textContent = this.#note.hidden ? "" : t(failed ? "projects.chatsFailed" : "projects.noChats")
    this.#more.hidden = !ready || !hasMore
  }
}

customElements.define("project-chats", ProjectChats)
