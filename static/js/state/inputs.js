/** @file What was sent from this browser, to be sent once more: never what was in temporary chats. */

import { keep, kept } from "./kept.js"

const KEY = "llmchat.inputs"
const MOST = 50
const LONGEST_CHARACTERS = 20_000

/** @param {string} text */
export function remember(text) {
  const known = text.trim()
  if (!known || text.length > LONGEST_CHARACTERS) return
  keep(KEY, JSON.stringify([...read().filter((one) => one !== text), text].slice(-MOST)))
}

/** A walk through them, which begins and ends with what is being written. */
export class Walk {
  /** @type {string[]|null} with what is being written at the end; null: nobody walks */
  #all = null
  #at = 0

  /** @param {string} text that is being written @returns {string|null} null: there is nothing older */
  older(text) {
    this.#all ??= this.#begin(text)
    return this.#go(this.#at - 1)
  }

  /** @returns {string|null} null: there is nothing newer */
  newer() {
    return this.#go(this.#at + 1)
  }

  end() {
    this.#all = null
  }

  /** @param {string} text */
  #begin(text) {
    const all = [...read(), text]
    this.#at = all.length - 1
    return all
  }

  /** @param {number} to */
  #go(to) {
    const text = this.#all?.[to]
    if (text === undefined) return null
    this.#at = to
    return text
  }
}

/** @returns {string[]} */
function read() {
  try {
    const all = JSON.parse(kept(KEY) ?? "[]")
    return Array.isArray(all) ? all.filter((one) => typeof one === "string") : []
  } catch {
    return []
  }
}
