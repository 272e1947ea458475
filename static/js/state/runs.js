/** @file The answers in the making on the branch in view. */

import { replyOf, withKept } from "../lib/messages.js"
import { wholeText } from "../lib/whole.js"
import { Run } from "./run.js"

/** @typedef {import("../types.js").Message} Message @typedef {import("../types.js").Reply} Reply */

/** Emits `end` with `{id, run}` when an answer has ended. */
export class Runs extends EventTarget {
  /** @type {Map<string, Run>} by the id of their message */
  #runs = new Map()
  /** @type {Map<string, Reply>} what was seen of jobs that have ended, which is more than is stored */
  #seen = new Map()

  /** @param {string} id of a message */
  get(id) {
    return this.#runs.get(id) ?? null
  }

  get any() {
    return this.#runs.size > 0
  }

  /** To be started when it is shown. @param {string} id @param {Run} run */
  add(id, run) {
    this.#runs.set(id, run)
    run.addEventListener("end", () => this.#onEnd(run))
  }

  /** @param {string} from @param {string} to */
  rename(from, to) {
    const run = this.#runs.get(from)
    this.#runs.delete(from)
    if (run) this.#runs.set(to, run)
  }

  /** Make it so that what runs on this branch is followed, and nothing else. @param {Message[]} path @returns {Run[]} to be started */
  follow(path) {
    const running = new Map(path.filter(({ state }) => state === "running").map((one) => [one.id, one]))
    for (const [id, run] of this.#runs) {
      const message = running.get(id)
      if (message && (!run.job || run.job === message.job_id)) continue
      run.leave()
      this.#runs.delete(id)
    }
    return [...running.values()].filter((one) => !this.#runs.has(one.id) && one.job_id).map((one) => this.#watch(one))
  }

  /** @param {Message} message */
  #watch(message) {
    const run = new Run(replyOf(message), Date.now(), message.job_id, null)
    this.add(message.id, run)
    return run
  }

  stop() {
    for (const run of this.#runs.values()) run.stop()
  }

  leave() {
    for (const run of this.#runs.values()) run.leave()
    this.#runs.clear()
  }

  /** Whether the end of its job was seen here: what says that it runs is older. @param {Message} message */
  isOver({ state, job_id }) {
    return state === "running" && job_id !== null && this.#seen.has(job_id)
  }

  /** What to show of an answer that has ended. @param {Message} message @returns {Reply} */
  replyOf(message) {
    const seen = this.#seen.get(message.job_id ?? "")
    return seen && message.edited === null && wholeText(seen) === message.content ? withKept(seen, message) : replyOf(message)
  }

  /** @param {Run} run */
  #onEnd(run) {
    const id = [...this.#runs].find(([, one]) => one === run)?.[0]
    if (run.job) this.#seen.set(run.job, run.reply)
    if (id) this.#runs.delete(id)
    this.dispatchEvent(new CustomEvent("end", { detail: { id: id ?? null, run } }))
  }
}
