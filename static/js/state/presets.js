/** @file The settings for chats that a person keeps under names, on all devices: the server has them. */

import * as api from "../lib/shelf-api.js"
import { signal } from "../lib/signal.js"

/** @typedef {import("../lib/presets.js").Preset} Preset @typedef {Omit<Preset, "id"|"updated">} Draft */

/** Everything rejects with an ApiError. */
class Presets {
  all = signal(/** @type {Preset[]} */ ([]))

  async load() {
    this.all.set((await api.presets()).items)
  }

  /** Inside an effect, it follows it. @param {string|undefined} id @returns {Preset|null} */
  get(id) {
    return this.all.get().find((one) => one.id === id) ?? null
  }

  /** Keep a new one, or change one that is there. @param {string|null} id @param {Draft} draft @returns {Promise<Preset>} */
  async save(id, draft) {
    const saved = await (id === null ? api.addPreset(draft) : api.changePreset(id, draft))
    await this.load()
    return saved
  }

  /** @param {string} id */
  async remove(id) {
    await api.removePreset(id)
    await this.load()
  }
}

export const presets = new Presets()
