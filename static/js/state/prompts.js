/** @file The texts that a person keeps to use again, on all devices: the server has them among the settings. */

import { request, send } from "../lib/api.js"
import { signal } from "../lib/signal.js"

/** @typedef {import("../lib/prompts.js").Prompt} Prompt */

const ADDRESS = "api/settings"

class Prompts {
  /** null until they were read. */
  all = signal(/** @type {Prompt[]|null} */ (null))

  /** Rejects with an ApiError. */
  async load() {
    this.#take(await request(ADDRESS))
  }

  /** Another list, made of the one that the server has now. @param {(all: Prompt[]) => Prompt[]} work Rejects with an ApiError */
  async change(work) {
    const { prompts } = await request(ADDRESS)
    const next = work(prompts ?? [])
    this.#take(await send(ADDRESS, "PATCH", { prompts: next.length ? next : null }))
  }

  /** @param {{prompts?: Prompt[]}} settings */
  #take({ prompts }) {
    this.all.set(prompts ?? [])
  }
}

export const prompts = new Prompts()
