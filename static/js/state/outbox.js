/** @file Questions that the server has not answered yet: a reload asks them once more, with the same key. */

/** @typedef {import("../lib/plans.js").Plan} Plan */

const KEY = "llmchat.asking"
const LONGEST_MILLISECONDS = 10 * 60_000 // after that, they are not what is wanted any more

/** This tab's alone, so that no other one takes them for its own. */
export class Outbox {
  /** @param {Plan} plan */
  add(plan) {
    this.#write([...this.#read().filter((one) => one.key !== plan.key), plan])
  }

  /** @param {string} key */
  remove(key) {
    this.#write(this.#read().filter((one) => one.key !== key))
  }

  /** What was being asked in a chat. @param {string|null} chat @param {number} now */
  of(chat, now) {
    return this.#read().filter((one) => one.chat === chat && now - one.asked < LONGEST_MILLISECONDS)
  }

  /** @returns {Plan[]} */
  #read() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY) ?? "[]")
    } catch {
      return []
    }
  }

  /** @param {Plan[]} plans */
  #write(plans) {
    try {
      if (plans.length) sessionStorage.setItem(KEY, JSON.stringify(plans))
      else sessionStorage.removeItem(KEY)
    } catch {
      // A browser that keeps nothing: only a reload in that moment loses anything.
    }
  }
}
