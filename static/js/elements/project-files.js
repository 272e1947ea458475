/** @file The files of a project: added, sent, taken away. Emits `project-problem` with what went wrong. */

import { takeFiles } from "../dom/file-drop.js"
import { h, icon } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { redrawn } from "../dom/pictures.js"
import { LIMITS } from "../lib/files.js"
import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { Attaching } from "../state/attaching.js"
import { projects } from "../state/projects.js"
import { FileTray } from "./file-tray.js"

export class ProjectFiles extends HTMLElement {
  #tray = new FileTray()
  #input = h("input", { type: "file", multiple: true, class: "visually-hidden", tabindex: "-1", "aria-hidden": "true" })
  #add = h("button", { type: "button", class: "button", onclick: () => this.#input.click() }, icon("plus"), t("projects.addFiles"))
  #emit = emitter(this)
  #files = /** @type {Attaching|null} */ (null)

  connectedCallback() {
    if (this.firstChild) return
    this.append(h("h3", {}, t("projects.files")), h("p", { class: "prompts-hint" }, t("projects.filesText")), this.#tray, this.#add, this.#input)
    takeFiles(this, this.#input, this, (files) => this.#files?.add(files))
    this.addEventListener("tray-empty", () => this.#add.focus())
  }

  /** @param {import("../lib/projects-api.js").Project} project @param {import("../lib/files.js").Limits} [limits] */
  watch({ id, files: stored }, limits = LIMITS) {
    const files = new Attaching(null, () => limits, redrawn)
    this.#files = files
    files.set(stored)
    files.addEventListener("refused", (event) => this.#emit("project-problem", /** @type {CustomEvent} */ (event).detail))
    files.addEventListener("change", () => projects.keepFiles(id, files.stored).catch((error) => {
      this.#emit("project-problem", inOneLine(error))
      if (this.#files === files) files.set(projects.get(id)?.files ?? [])
    }))
    this.#tray.watch(files)
  }
}

customElements.define("project-files", ProjectFiles)
