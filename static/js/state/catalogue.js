/** @file The models that can answer, and the one that was chosen. */

import * as api from "../lib/api.js"
import { signal } from "../lib/signal.js"

const CHOSEN = "llmchat.model"
const FRESH_SECONDS = 30
const LOOKING_MILLISECONDS = 500 // while the server still asks its endpoints
const AWAY_MILLISECONDS = 3000 // while the server does not answer

export class Catalogue {
  /** @type {import("../types.js").Models} */
  static nothing = { data: [], default: null, reason: null, endpoints: [], ready: false }

  models = signal(Catalogue.nothing)
  chosen = signal(localStorage.getItem(CHOSEN))
  #read = -Infinity

  /** Read the list unless that was done just now; again while the server still asks its endpoints. */
  async refresh() {
    if (performance.now() - this.#read < FRESH_SECONDS * 1000) return
    this.#read = performance.now()
    const models = await api.models().catch(() => null)
    if (models) this.models.set(models)
    const known = models?.ready && models.endpoints.every((endpoint) => endpoint.state !== "loading")
    if (known) return
    this.#read = -Infinity
    setTimeout(() => this.refresh(), models ? LOOKING_MILLISECONDS : AWAY_MILLISECONDS)
  }

  /** The model to ask: the chosen one while it is there, else the server's default. */
  current() {
    const { data, default: standard } = this.models.get()
    const id = this.chosen.get()
    return data.find((model) => model.id === id) ?? data.find((model) => model.id === standard) ?? null
  }

  /** What to send as `model`: nothing where the server's default is meant. */
  wanted() {
    const model = this.current()
    return model && model.id !== this.models.get().default ? model.id : null
  }

  /** @param {string} id */
  choose(id) {
    this.chosen.set(id)
    if (id === this.models.get().default) localStorage.removeItem(CHOSEN)
    else localStorage.setItem(CHOSEN, id)
  }
}
