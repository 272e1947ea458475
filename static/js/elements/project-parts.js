/** @file What is done with projects: loaded where there are any, or one is wanted. */

import { presetBadge } from "../dom/preset-badge.js"
import { h } from "../dom/h.js"
import { style } from "../dom/style.js"
import { settingsWith } from "../lib/presets.js"
import { inOneLine } from "../lib/problems.js"
import { effect } from "../lib/signal.js"
import { learnMore, t } from "../lib/t.js"
import { named } from "../state/deeds.js"
import { presets } from "../state/presets.js"
import { projects } from "../state/projects.js"
import { dragChats } from "./project-drag.js"
import { ProjectDialog } from "./project-dialog.js"
import { ProjectList } from "./project-list.js"

/** @typedef {import("./parts.js").Parts} Parts @typedef {import("../state/page.js").Page} Page @typedef {import("../types.js").Item} Item */
/** @typedef {import("../lib/projects-api.js").Project} Project */
/** @typedef {"show"|"create"|"open"|"begin"|"move"|"put"|"options"|"remove"} Deed */

/** @type {Promise<ProjectParts>|null} */
let made = null

/** One for the page, with its words. Rejects where they cannot be loaded. @param {HTMLElement} app @param {Parts} parts @param {Page} page */
export function projectParts(app, parts, page) {
  made ??= Promise.all([learnMore("projects"), style("projects")]).then(() => new ProjectParts(app, parts, page))
  made.catch(() => { made = null })
  return made
}

class ProjectParts {
  #list = new ProjectList()
  #dialog = new ProjectDialog()
  #button = h("button", { type: "button", class: "place-project" })
  #title = h("span", { class: "place-title", "aria-hidden": "true", dir: "auto" })
  #place = h("div", { class: "chat-place", hidden: true }, this.#button, this.#title)

  /** @param {HTMLElement} app @param {Parts} parts @param {Page} page */
  constructor(app, parts, page) {
    this.app = app
    this.parts = parts
    this.page = page
    parts.sidebar.querySelector(".projects")?.append(this.#list)
    app.querySelector(".bar")?.after(this.#place)
    app.append(this.#dialog)
    this.#button.addEventListener("click", () => this.#here && this.open(this.#here.id))
    dragChats(/** @type {import("./chat-list.js").ChatList} */ (parts.sidebar.querySelector("chat-list")), this.#list, (items, id) => this.#move(items, id))
    page.conversation.addEventListener("changed", () => this.#showPlace())
    effect(() => [projects.all.get(), this.#showPlace()])
  }

  /** Those of now: whoever called first may come here last, when all this was loaded. */
  show() {
    projects.all.set(this.page.projects ?? [])
  }

  create() {
    this.#dialog.open(null, this.page)
  }

  /** @param {string} id */
  open(id) {
    this.#dialog.open(projects.get(id), this.page)
  }

  /** A chat that is set up as the project wants it. @param {string} id */
  begin(id) {
    const project = projects.get(id)
    if (!project) return
    const preset = presets.get(project.preset ?? undefined)
    const settings = { ...preset && settingsWith(preset), ...project.model && { model: project.model } }
    this.app.dispatchEvent(new CustomEvent("project-chat", { detail: { project: id, settings } }))
  }

  /** Ask where to. @param {Item[]} items @param {HTMLElement} anchor @param {() => void} then what follows when they are moved */
  move(items, anchor, then) {
    const [{ project: here }] = items
    const same = items.every(({ project }) => project === here)
    const go = (/** @type {string|null} */ id) => [then(), this.#move(items, id)]
    /** @type {import("./row-menu.js").Entry[]} */
    const known = projects.all.get().map(({ id, name }) => ({ label: name, icon: same && id === here ? "check" : "folder", run: () => go(id) }))
    const out = { label: t("projects.none"), icon: /** @type {const} */ ("close"), run: () => go(null) }
    const fresh = { label: t("projects.new"), icon: /** @type {const} */ ("plus"), run: () => this.#dialog.open(null, this.page, ({ id }) => go(id)) }
    this.#menu.toggle(anchor, t("projects.where"), [...known, ...items.some(({ project }) => project) ? [out] : [], fresh])
  }

  /** @param {string} id @param {number} place */
  async put(id, place) {
    const { length: count } = projects.all.get()
    if (place < 0 || place >= count) return
    await this.#attempt(projects.put(id, place))
    this.#list.tellPlace(id)
  }

  /** @param {string} id @param {HTMLElement} anchor */
  options(id, anchor) {
    const at = projects.all.get().findIndex((one) => one.id === id)
    this.#menu.toggle(anchor, projects.all.get()[at]?.name ?? "", [
      { label: t("projects.open"), icon: "folder", run: () => this.open(id) },
      { label: t("projects.begin"), icon: "plus", run: () => this.begin(id) },
      ...at > 0 ? [{ label: t("projects.up"), icon: /** @type {const} */ ("send"), run: () => this.put(id, at - 1) }] : [],
      ...at < projects.all.get().length - 1 ? [{ label: t("projects.down"), icon: /** @type {const} */ ("down"), run: () => this.put(id, at + 1) }] : [],
      { label: t("projects.delete"), icon: "trash", run: () => this.remove(id), danger: true },
    ])
  }

  /** @param {string} id */
  async remove(id) {
    const project = projects.get(id)
    const chats = project && await this.#dialog.askToDelete(project)
    if (chats) await this.#attempt(projects.remove(id, chats))
    if (chats) this.parts.sidebar.focus()
  }

  get #menu() {
    return /** @type {import("./row-menu.js").RowMenu} */ (this.parts.sidebar.querySelector("row-menu"))
  }

  /** The project of the chat in view. */
  get #here() {
    const { chat } = this.page.conversation
    return projects.get(chat.revision < 0 && chat.id ? this.page.library.get(chat.id)?.project : chat.project)
  }

  #showPlace() {
    const project = this.#here
    this.#place.hidden = project === null
    if (!project) return
    const { textContent: title } = this.parts.name
    this.#button.setAttribute("aria-label", t("projects.nameOf", { name: project.name }))
    this.#button.replaceChildren(presetBadge(project), h("span", { dir: "auto" }, project.name))
    this.#title.textContent = this.parts.name.hidden ? "" : title
  }

  /** @param {Item[]} items @param {string|null} id */
  #move(items, id) {
    const { library } = this.page
    const touched = items.filter(({ project }) => project !== id)
    if (!touched.length) return
    const done = library.batch(touched.map((one) => one.id), "move", id)
    const run = async () => {
      if (!await done) return
      const before = new Set(touched.map(({ project }) => project))
      for (const project of before) library.batch(touched.filter((one) => one.project === project).map((one) => one.id), "move", project)
    }
    const what = named(touched)
    const text = id ? t("projects.moved", { what, name: projects.get(id)?.name ?? "" }) : t("projects.movedOut", { what })
    this.parts.notices.show(text, { label: t("deed.undo"), run })
  }

  /** @param {Promise<unknown>} work */
  #attempt(work) {
    return work.catch((error) => this.parts.notices.show(inOneLine(error)))
  }
}
