/** @file The models that can answer, and the one that was chosen. */

import * as api from "../lib/api.js"
import { signal } from "../lib/signal.js"
import { replacement } from "../lib/words.js"
import { keep, kept } from "./kept.js"

const CHOSEN = "llmchat.model"
const FRESH_SECONDS = 30
const LOOKING_MILLISECONDS = 500 // while the server still asks its endpoints
const AWAY_MILLISECONDS = 3000 // while the server does not answer

export const MOST_ASKED = 4 // at once

export class Catalogue {
  /** @type {import("../types.js").Models} */
  static nothing = { data: [], default: null, reason: null, endpoints: [], ready: false, notices: [] }

  models = signal(Catalogue.nothing)
  chosen = signal(kept(CHOSEN))
  /** Models that are all asked the same, when there are two at least; until the page is left. */
  several = signal(/** @type {readonly string[]} */ ([]))
  /** That another model answers than the chosen one, for people; null when it is the chosen one. */
  replaced = signal(/** @type {string|null} */ (null))
  #read = -Infinity

  /** Read the list unless that was done just now; again while the server still asks its endpoints. */
  async refresh() {
    if (performance.now() - this.#read < FRESH_SECONDS * 1000) return
    this.#read = performance.now()
    const models = await api.models().catch(() => null)
    if (models) this.models.set(models)
    if (models && isKnown(models)) return this.replaced.set(replacement(this.chosen.get(), models))
    this.#read = -Infinity
    setTimeout(() => this.refresh(), models ? LOOKING_MILLISECONDS : AWAY_MILLISECONDS)
  }

  /** Read it now, since something has happened. */
  reread() {
    this.#read = -Infinity
    return this.refresh()
  }

  /** The model to ask: the chosen one while it is there, else the server's default. */
  current() {
    const { data, default: standard } = this.models.get()
    const id = this.chosen.get()
    return data.find((model) => model.id === id) ?? data.find((model) => model.id === standard) ?? null
  }

  /** What to send as `model`: nothing where the server's default is meant. A choice holds until it
   * is known that there is no such model: the question is for nobody else. */
  wanted() {
    const models = this.models.get()
    const id = isKnown(models) ? this.current()?.id : this.chosen.get()
    return id && id !== models.default ? id : null
  }

  /** Choose it for this page only, as its address wants it. @param {string} id */
  suggest(id) {
    this.chosen.set(id)
  }

  /** Ask one more model the same, or one fewer. @param {string} id */
  toggle(id) {
    const now = this.several.get()
    const next = now.includes(id) ? now.filter((one) => one !== id) : [...now, id]
    if (next.length <= MOST_ASKED) this.several.set(next)
  }

  /** @param {string} id */
  choose(id) {
    this.several.set([])
    this.chosen.set(id)
    this.replaced.set(null)
    keep(CHOSEN, id === this.models.get().default ? null : id)
  }
}

/** Whether no endpoint has still to say what it offers. @param {import("../types.js").Models} models */
function isKnown({ ready, endpoints }) {
  return ready && endpoints.every((endpoint) => endpoint.state !== "loading")
}
