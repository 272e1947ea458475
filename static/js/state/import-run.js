/** @file The import of one file: looked at first, then taken over, and stopped at any moment. */

import { inOneLine } from "../lib/problems.js"
import { signal } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { cancelImport, importState, startImport } from "../lib/transfer-api.js"

/** @typedef {import("../lib/transfer-api.js").Report} Report */
/** @typedef {{step: "waiting"|"sending"|"working"|"looked"|"done"|"failed"|"cancelled", dry: boolean,
 *   part: number, report: Report|null, problem: string|null}} Phase `part` of the step that is done, 0 to 1 */

const FIRST_PAUSE_MS = 150
const LONGEST_PAUSE_MS = 1000

export class ImportRun {
  phase = signal(/** @type {Phase} */ ({ step: "waiting", dry: true, part: 0, report: null, problem: null }))
  #abort = new AbortController()
  /** @type {string|null} */
  #id = null

  /** @param {File} file */
  constructor(file) {
    this.file = file
  }

  get isBusy() {
    return ["waiting", "sending", "working"].includes(this.phase.get().step)
  }

  /** See what is in it. Nothing is changed. */
  look() {
    return this.#run(true)
  }

  /** Take it over. */
  go() {
    return this.#run(false)
  }

  /** What was taken over so far stays. */
  cancel() {
    if (!this.isBusy) return
    this.#abort.abort()
    if (this.#id) cancelImport(this.#id).catch(() => {}) // when it is over, that is fine too
    this.#set({ step: "cancelled" })
  }

  /** @param {boolean} dry */
  async #run(dry) {
    const { signal: end } = this.#abort = new AbortController()
    this.#id = null
    this.#set({ step: "sending", dry, part: 0, problem: null })
    try {
      this.#id = await startImport(this.file, { dry, signal: end, onProgress: (part) => this.#set({ part }) })
      if (end.aborted) return
      this.#set({ step: "working", part: 0 })
      await this.#follow(this.#id, end)
    } catch (error) {
      if (!end.aborted) this.#set({ step: "failed", problem: inOneLine(/** @type {Error} */ (error)) })
    }
  }

  /** @param {string} id @param {AbortSignal} end */
  async #follow(id, end) {
    for (let pause = FIRST_PAUSE_MS; !end.aborted; pause = Math.min(pause * 1.5, LONGEST_PAUSE_MS)) {
      const { state, done_bytes: done, total_bytes: total, report, error } = await importState(id)
      if (end.aborted) return
      if (state === "running") this.#set({ part: total ? done / total : 0, report })
      else return this.#end(state, report, error && inOneLine(error))
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  /** @param {"done"|"error"|"cancelled"} state @param {Report|null} report @param {string|null} problem */
  #end(state, report, problem) {
    if (state === "error") return this.#set({ step: "failed", report, problem: problem ?? t("import.unreadable") })
    const over = this.phase.get().dry ? "looked" : "done"
    this.#set({ step: state === "cancelled" ? "cancelled" : over, report, part: 1 })
  }

  /** @param {Partial<Phase>} news */
  #set(news) {
    this.phase.set({ ...this.phase.get(), ...news })
  }
}
