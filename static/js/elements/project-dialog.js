/** @file A project: its chats, its files, and what its chats begin with. What is written is kept at once. */

import { h, icon, iconButton } from "../dom/h.js"
import { presetBadge } from "../dom/preset-badge.js"
import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { projects } from "../state/projects.js"
import { ProjectChats } from "./project-chats.js"
import { ProjectFiles } from "./project-files.js"
import { EMPTY, ProjectForm } from "./project-form.js"

/** @typedef {import("../lib/projects-api.js").Project} Project @typedef {import("../state/page.js").Page} Page */

export class ProjectDialog extends HTMLElement {
  #title = h("h2", { id: "project-title", tabindex: "-1" })
  #begin = h("button", { type: "button", class: "button main-button", onclick: () => this.#leaveFor("begin") }, icon("plus"), t("projects.begin"))
  #chats = new ProjectChats()
  #files = new ProjectFiles()
  #form = new ProjectForm()
  #heading = h("h3", {}, t("projects.setUp"))
  #create = h("button", { type: "submit", class: "button main-button" }, t("projects.create"))
  #remove = h("button", { type: "button", class: "button danger-button", onclick: () => this.#leaveFor("remove") }, t("projects.delete"))
  #said = h("p", { class: "project-said", role: "status" })
  #dialog = h("dialog", { class: "dialog project-dialog", "aria-labelledby": "project-title", onclose: () => this.#onClosed(), onclick: (/** @type {Event} */ event) => this.#onOutside(event) },
    h("div", { class: "dialog-head" }, this.#title, iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    this.#begin, this.#chats, this.#files,
    h("form", { class: "prompt-form", onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) }, this.#heading, this.#form,
      h("div", { class: "dialog-foot" }, this.#said, this.#remove, this.#create)))
  #deleting = h("dialog", { class: "dialog", "aria-labelledby": "project-delete" })
  /** @type {string|null} */
  #id = null
  /** @type {Page|null} */
  #page = null
  /** @type {((made: Project) => void)|null} */
  #then = null

  connectedCallback() {
    if (this.firstChild) return
    this.append(this.#dialog, this.#deleting)
    this.addEventListener("project-draft", () => this.#id && this.#save())
    this.addEventListener("project-left", () => this.#dialog.close())
    this.addEventListener("project-problem", (event) => { this.#said.textContent = /** @type {CustomEvent} */ (event).detail })
  }

  /** @param {Project|null} project null: a new one @param {Page} page @param {(made: Project) => void} [then] what a new one is wanted for */
  open(project, page, then) {
    if (this.#dialog.open) return
    this.#page = page
    this.#then = then ?? null
    this.#said.textContent = ""
    this.#form.show(project ?? EMPTY, page.catalogue.models.get().data.map(({ id }) => id))
    this.#show(project)
    this.#dialog.showModal()
    if (project) this.#title.focus()
    else this.#form.focus()
  }

  /** @param {Project} project @returns {Promise<"keep"|"bin"|null>} what is to become of its chats; null: it stays */
  askToDelete({ name }) {
    const choice = (/** @type {string} */ value, /** @type {string} */ label, checked = false) =>
      h("label", { class: "check" }, h("input", { type: "radio", name: "project-chats", value, checked }), label)
    const form = h("form", { method: "dialog" }, h("h2", { id: "project-delete" }, t("projects.deleteName", { name })), h("p", {}, t("projects.deleteText")),
      h("div", { class: "delete-choices" }, choice("keep", t("projects.deleteKeep"), true), choice("bin", t("projects.deleteBin"))),
      h("div", { class: "dialog-foot" }, h("button", { type: "submit", value: "", class: "button" }, t("dialog.cancel")),
        h("button", { type: "submit", value: "yes", class: "button danger-button" }, t("projects.delete"))))
    this.#deleting.replaceChildren(form)
    this.#deleting.returnValue = ""
    this.#deleting.showModal()
    return new Promise((resolve) => this.#deleting.addEventListener("close", () => {
      const chats = new FormData(form).get("project-chats")
      resolve(this.#deleting.returnValue === "yes" && (chats === "keep" || chats === "bin") ? chats : null)
    }, { once: true }))
  }

  /** @param {Project|null} project */
  #show(project) {
    this.#id = project?.id ?? null
    for (const part of [this.#begin, this.#chats, this.#files, this.#heading, this.#remove]) part.hidden = !project
    this.#create.hidden = project !== null
    this.#name(project)
    if (!project || !this.#page) return
    this.#chats.watch(this.#page.library, project.id)
    this.#files.watch(project, this.#page.catalogue.models.get().attachments)
  }

  /** @param {Project|null} project */
  #name(project) {
    this.#title.replaceChildren(...project ? [presetBadge(project), h("span", { dir: "auto" }, project.name)] : [t("projects.new")])
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    if (this.#id) return this.#save()
    const made = this.#form.draft.name && await this.#save()
    if (!made) return
    if (this.#then) {
      this.#dialog.close()
      return this.#then(made)
    }
    this.#show(made)
    this.#said.textContent = t("projects.created")
    this.#title.focus()
  }

  /** @returns {Promise<Project|null>} null: it is told why it was not done */
  async #save() {
    const { draft } = this.#form
    this.#said.textContent = t("projects.notSaved")
    if (!draft.name) return null
    try {
      const saved = await projects.save(this.#id, draft)
      this.#said.textContent = t("projects.saved")
      if (this.#id) this.#name(saved)
      return saved
    } catch (error) {
      this.#said.textContent = inOneLine(/** @type {Error} */ (error))
      return null
    }
  }

  /** @param {"begin"|"remove"} deed */
  #leaveFor(deed) {
    const id = this.#id
    this.#dialog.close()
    this.dispatchEvent(new CustomEvent("project-wish", { bubbles: true, detail: [deed, id] }))
  }

  /** What was just written is kept, too. */
  #onClosed() {
    this.#chats.leave()
    const known = this.#id && projects.get(this.#id)
    const { draft } = this.#form
    const isOther = known && Object.entries(draft).some(([name, value]) => known[/** @type {keyof typeof draft} */ (name)] !== value)
    if (isOther && draft.name) projects.save(known.id, draft).catch(() => {})
  }

  /** @param {Event} event */
  #onOutside({ target }) {
    if (target === this.#dialog) this.#dialog.close()
  }
}

customElements.define("project-dialog", ProjectDialog)
