/** @file A model file on its way to the server: it can be stopped at any moment. */

import { sendModel } from "../lib/models-api.js"
import { explained } from "../lib/problems.js"
import { signal } from "../lib/signal.js"
import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Model} Model */
/** @typedef {{step: "waiting"|"sending"|"storing"|"done"|"failed"|"cancelled", part: number, text: string, detail: string}} Phase `part` of it has been sent, 0 to 1 */

const MAGIC = "GGUF"

export class ModelUpload {
  phase = signal(/** @type {Phase} */ ({ step: "waiting", part: 0, text: "", detail: "" }))
  /** What it has become. @type {Model|null} */
  model = null
  #abort = new AbortController()

  /** @param {File} file */
  constructor(file) {
    this.file = file
  }

  get isBusy() {
    return ["waiting", "sending", "storing"].includes(this.phase.get().step)
  }

  /** Returns when it is over, however that was. */
  async run() {
    if (!this.isBusy) return // it was cancelled while it waited
    if (!await this.#isModel()) return this.#set({ step: "failed", text: t("local.notGguf") })
    this.#set({ step: "sending" })
    const options = { signal: this.#abort.signal, onProgress: (/** @type {number} */ part) => this.#onProgress(part) }
    try {
      this.model = await sendModel(this.file, options)
      this.#set({ step: "done", part: 1 })
    } catch (error) {
      if (this.isBusy) this.#set({ step: "failed", ...explained(/** @type {import("../lib/api.js").ApiError} */ (error)) })
    }
  }

  /** Nothing of it stays on the server. */
  cancel() {
    if (!this.isBusy) return
    this.#set({ step: "cancelled" })
    this.#abort.abort()
  }

  /** Its first bytes say so: what is none need not be sent to be refused. */
  async #isModel() {
    const head = await this.file.slice(0, MAGIC.length).text().catch(() => MAGIC) // the sending says what is wrong
    return head === MAGIC
  }

  /** @param {number} part */
  #onProgress(part) {
    if (this.isBusy) this.#set(part < 1 ? { part } : { step: "storing", part })
  }

  /** @param {Partial<Phase>} news */
  #set(news) {
    this.phase.set({ ...this.phase.get(), ...news })
  }
}
