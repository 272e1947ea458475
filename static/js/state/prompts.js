/** @file The texts that a person keeps to use again, on all devices: the server has them. */

import * as api from "../lib/shelf-api.js"
import { signal } from "../lib/signal.js"

/** @typedef {import("../lib/prompts.js").Prompt} Prompt */

/** Everything rejects with an ApiError. */
class Prompts {
  /** null until they were read. */
  all = signal(/** @type {Prompt[]|null} */ (null))

  async load() {
    this.all.set((await api.prompts()).items)
  }

  /** Keep a new one, or another text for one that is there. @param {string|null} id @param {{name: string, text: string}} prompt */
  async save(id, prompt) {
    await (id === null ? api.addPrompt(prompt) : api.changePrompt(id, prompt))
    await this.load()
  }

  /** @param {string} id */
  async remove(id) {
    await api.removePrompt(id)
    await this.load()
  }

  /** @param {unknown} document */
  async take(document) {
    const report = await api.importPrompts(document)
    await this.load()
    return report
  }
}

export const prompts = new Prompts()
