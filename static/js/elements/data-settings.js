/** @file The settings of the data: chats come in from files of other programs, go out as files, and go for good. */

import { takeFiles } from "../dom/file-drop.js"
import { h, icon } from "../dom/h.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { isWorthIt } from "../lib/transfer-words.js"
import { ImportRun } from "../state/import-run.js"
import { DeleteAll } from "./delete-all.js"
import "./import-file.js"

/** @typedef {import("./import-file.js").ImportFile} ImportFile */

const EXPORTS = /** @type {[string, string, string][]} */ ([
  ["llmchat", t("data.own"), t("data.ownText")],
  ["open-webui", t("data.openWebui"), t("data.openWebuiText")],
])

export class DataSettings extends HTMLElement {
  #input = h("input", { type: "file", id: "import-input", class: "visually-hidden", multiple: true, accept: ".json,.jsonl,.zip,application/json,application/zip" })
  #drop = h("label", { class: "drop", for: "import-input" }, icon("data"),
    h("span", {}, h("strong", {}, t("data.choose")), ` ${t("data.drop")}`),
    h("small", {}, t("data.formats")))
  #files = h("div", { class: "import-files" })
  #go = h("button", { type: "button", class: "button main-button", hidden: true, onclick: () => this.#import() }, t("data.import"))
  #parts = [
    h("section", { "aria-labelledby": "import-title" }, h("h3", { id: "import-title" }, t("data.import")),
      this.#input, this.#drop, this.#files, this.#go),
    h("section", { "aria-labelledby": "export-title" }, h("h3", { id: "export-title" }, t("data.export")),
      ...EXPORTS.map(([format, name, text], index) => h("div", { class: "export-row" },
        h("p", { id: `export-${index}` }, h("strong", {}, name), h("small", {}, text)),
        h("a", { class: "button", href: `api/export?format=${format}`, download: true, "aria-describedby": `export-${index}` }, t("data.download"))))),
    h("section", { "aria-labelledby": "everything-title" }, new DeleteAll()),
  ]
  /** @type {Map<ImportFile, () => void>} each with the end of its effect */
  #all = new Map()
  #line = Promise.resolve()

  connectedCallback() {
    if (this.firstChild) return
    this.append(...this.#parts)
    this.addEventListener("file-gone", (event) => this.#forget(/** @type {ImportFile} */ (event.target)))
    takeFiles(this, this.#input, this.#drop, (files) => this.#add(files))
  }

  /** @param {File[]} files */
  #add(files) {
    for (const run of files.map((file) => this.#show(new ImportRun(file)))) {
      this.#inLine(async () => { if (run.isBusy) await run.look() })
    }
  }

  /** The server takes one import at a time. @param {() => Promise<void>} work */
  #inLine(work) {
    this.#line = this.#line.then(work)
    return this.#line
  }

  /** @param {ImportRun} run */
  #show(run) {
    const element = /** @type {ImportFile} */ (document.createElement("import-file"))
    element.watch(run)
    this.#files.append(element)
    this.#all.set(element, effect(() => { run.phase.get(); this.#offer() }))
    return run
  }

  /** @param {ImportFile} element */
  #forget(element) {
    this.#all.get(element)?.()
    this.#all.delete(element)
    element.remove()
    this.#offer()
    this.#input.focus()
  }

  /** Those that were looked at and have something new. */
  get #ready() {
    return [...this.#files.children].flatMap((one) => /** @type {ImportFile} */ (one).run ?? []).filter((run) => {
      const { step, report } = run.phase.get()
      return step === "looked" && report && isWorthIt(report)
    })
  }

  #offer() {
    const ready = this.#ready
    const count = ready.reduce((sum, run) => sum + (run.phase.get().report?.new ?? 0) + (run.phase.get().report?.updated ?? 0), 0)
    this.#go.hidden = ready.length === 0
    this.#go.textContent = t("data.go", { count })
  }

  async #import() {
    const runs = this.#ready
    this.#input.focus() // the button goes
    for (const run of runs) await this.#inLine(() => run.go())
  }
}

customElements.define("data-settings", DataSettings)
