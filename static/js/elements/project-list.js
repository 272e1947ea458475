/** @file The projects above the chats: a list that can be folded. */

import { announce } from "../dom/announce.js"
import { h, icon } from "../dom/h.js"
import { presetBadge } from "../dom/preset-badge.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { keep, kept } from "../state/kept.js"
import { projects } from "../state/projects.js"

/** @typedef {import("../lib/projects-api.js").Project} Project */

const FOLDED = "llmchat.projects"

/** Emits `project-wish` with what is wanted of one (`Deed` of project-parts.js). */
export class ProjectList extends HTMLElement {
  #rows = h("ul", { id: "project-rows", "aria-label": t("projects.title") })
  #fold = h("button", { type: "button", class: "projects-fold", "aria-controls": "project-rows", "aria-expanded": "true", onclick: () => this.#setFolded(!this.#rows.hidden) }, icon("chevron"))
  /** The row that the Tab key comes to. */
  #active = ""
  #end = () => {}

  connectedCallback() {
    if (!this.firstChild) this.append(this.#rows)
    this.addEventListener("keydown", this.#onKey)
    this.addEventListener("focusin", this.#onFocus)
    this.closest(".projects")?.querySelector(".projects-title")?.replaceChildren(this.#fold)
    this.#fold.prepend(t("projects.title"))
    this.#setFolded(kept(FOLDED) !== null)
    this.#end = effect(() => this.#show(projects.all.get()))
  }

  disconnectedCallback() {
    this.#end()
  }

  /** Whether a chat is being dragged: then they are all to be seen. @param {boolean} awaits */
  set awaits(awaits) {
    this.toggleAttribute("data-awaits", awaits)
    this.#rows.hidden = !awaits && kept(FOLDED) !== null
    if (!awaits) this.mark(null)
  }

  /** Something is above it. @param {Element|null} row */
  mark(row) {
    for (const one of this.#rows.children) one.toggleAttribute("data-over", one === row)
  }

  /** @param {string} id of one that was put elsewhere */
  tellPlace(id) {
    const all = projects.all.get()
    const place = all.findIndex((one) => one.id === id) + 1
    if (!place) return
    announce(t("projects.place", { name: all[place - 1].name, place, count: all.length }))
    this.#linkOf(id)?.focus()
  }

  /** @param {Project[]} all */
  #show(all) {
    const held = this.contains(document.activeElement) ? this.#active : null
    this.#fold.disabled = !all.length
    this.#rows.replaceChildren(...all.map((one) => this.#row(one)))
    if (!all.some(({ id }) => id === this.#active)) this.#active = all[0]?.id ?? ""
    this.#setReachable()
    if (held !== null) (this.#linkOf(held) ?? this.#linkOf(this.#active))?.focus()
  }

  /** @param {Project} project */
  #row(project) {
    const { id, name } = project
    const more = h("button", {
      type: "button", class: "icon-button row-more", tabindex: "-1", "aria-haspopup": "menu", "aria-label": t("projects.optionsOf", { name }),
      onclick: (/** @type {Event} */ { currentTarget }) => this.#emit("options", id, currentTarget),
    }, icon("more"))
    return h("li", { class: "chat-item project-item", "data-id": id },
      h("button", { type: "button", class: "chat-link", tabindex: "-1", title: name, "aria-keyshortcuts": "Alt+ArrowUp Alt+ArrowDown", onclick: () => this.#emit("open", id) },
        presetBadge(project), h("span", { class: "chat-title", dir: "auto" }, name)), more)
  }

  /** @param {string} id @returns {HTMLElement|null} */
  #linkOf(id) {
    return this.#rows.querySelector(`[data-id="${CSS.escape(id)}"] .chat-link`)
  }

  #setReachable() {
    for (const row of this.#rows.querySelectorAll("li")) {
      for (const button of row.querySelectorAll("button")) button.tabIndex = row.dataset.id === this.#active ? 0 : -1
    }
  }

  /** @param {boolean} folded */
  #setFolded(folded) {
    keep(FOLDED, folded ? "folded" : null)
    this.#rows.hidden = folded
    this.#fold.setAttribute("aria-expanded", String(!folded))
  }

  #onFocus = (/** @type {FocusEvent} */ { target }) => {
    const id = /** @type {HTMLElement} */ (target).closest("li")?.dataset.id
    if (id) this.#active = id
    this.#setReachable()
  }

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    const rows = [...this.#rows.querySelectorAll("li")]
    const at = rows.findIndex(({ dataset }) => dataset.id === this.#active)
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key]
    if (event.ctrlKey || event.metaKey || (next === undefined && event.key !== "Delete")) return
    event.preventDefault()
    event.stopPropagation()
    if (next === undefined) this.#emit("remove", this.#active)
    else if (event.altKey) this.#emit("put", this.#active, next)
    else this.#linkOf(rows[Math.max(0, Math.min(next, rows.length - 1))]?.dataset.id ?? "")?.focus()
  }

  /** @param {...unknown} detail */
  #emit(...detail) {
    this.dispatchEvent(new CustomEvent("project-wish", { bubbles: true, detail }))
  }
}

customElements.define("project-list", ProjectList)
