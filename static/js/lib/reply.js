/** @file The part of an answer that one job makes, as its events build it up. */

import { nextStatus } from "./status.js"

/** @typedef {import("../types.js").Reply} Reply */
/** @typedef {import("../types.js").WireEvent} WireEvent */

/**
 * A reply of which nothing is known yet.
 *
 * @param {import("../types.js").Beginning|null} before what it goes on from
 * @returns {Reply}
 */
export function emptyReply(before = null) {
  return {
    content: "", reasoning: "", thoughtSeconds: null, tools: [],
    last: null, status: null, usage: null, done: null, failed: null, before, first: null, runs: [],
  }
}

/** @param {Reply} reply */
export function isFinal(reply) {
  return reply.done !== null || reply.failed !== null
}

/** Takes the events of one job in their order; each is taken once, however often it is sent. */
export class ReplyReader {
  /** What was there after which event, for a stop that names the last one that was seen. */
  #marks = new Map([["", { content: 0, reasoning: 0 }]])
  #thinkingSince = 0

  /** @param {Reply} reply goes on from where it is */
  constructor(reply) {
    this.reply = reply
    this.#mark(reply.last ?? "")
  }

  /**
   * @param {WireEvent} event
   * @param {number} now in seconds
   */
  take({ id, event, data }, now) {
    const reply = this.reply
    if (isFinal(reply) || this.#marks.has(id)) return
    if (event === "status") this.tell(data, now)
    else if (event === "delta") this.#write(data.text, now)
    else if (event === "reasoning") this.#think(data.text, now)
    else if (event === "tool_call" && data.name) reply.tools.push(data.name)
    else if (event === "tool") this.#run(data)
    else if (event === "usage") reply.usage = data
    else if (event === "done") this.#finish(data)
    else if (event === "error") reply.failed = data
    reply.last = id
    this.#mark(id)
  }

  /** What is waited for now. @param {import("../types.js").Status} status @param {number} now in seconds */
  tell(status, now) {
    const reply = this.reply
    reply.status = nextStatus(reply.status, status, now)
    reply.silent = true
    reply.first ??= reply.status.story?.from ?? reply.status.endpoint ?? null
  }

  /** Whether a stop names an event that came before this reader did: then all is read again. */
  get cutIsUnknown() {
    const seen = this.reply.done?.seen
    return Boolean(seen) && !this.#marks.has(/** @type {string} */ (seen))
  }

  /** Take away the text of events that came after a stop. @param {WireEvent[]} events */
  cut(events) {
    const length = (/** @type {string} */ name) =>
      events.reduce((sum, { event, data }) => sum + (event === name ? data.text.length : 0), 0)
    const reply = this.reply
    reply.content = reply.content.slice(0, reply.content.length - length("delta"))
    reply.reasoning = reply.reasoning.slice(0, reply.reasoning.length - length("reasoning"))
  }

  /** @param {string} text @param {number} now */
  #write(text, now) {
    if (this.#thinkingSince) this.reply.thoughtSeconds = now - this.#thinkingSince
    this.#thinkingSince = 0
    this.reply.silent = false
    this.reply.content += text
  }

  /** The newest of a call tells all. @param {import("../types.js").ToolRun} run */
  #run(run) {
    const reply = this.reply
    const known = reply.runs.find(({ id }) => id === run.id)
    const at = known?.at ?? (reply.before?.content.length ?? 0) + reply.content.length
    reply.runs = known ? reply.runs.map((one) => (one === known ? { ...run, at } : one)) : [...reply.runs, { ...run, at }]
    reply.silent = false
  }

  /** @param {string} text @param {number} now */
  #think(text, now) {
    this.#thinkingSince ||= now
    this.reply.silent = false
    this.reply.reasoning += text
  }

  /** @param {import("../types.js").Done} done */
  #finish(done) {
    const reply = this.reply
    reply.done = done
    reply.usage = done.usage ?? reply.usage
    const mark = this.#marks.get(done.seen ?? "")
    if (!done.seen || !mark) return
    reply.content = reply.content.slice(0, mark.content)
    reply.reasoning = reply.reasoning.slice(0, mark.reasoning)
  }

  /** @param {string} id */
  #mark(id) {
    const { content, reasoning } = this.reply
    this.#marks.set(id, { content: content.length, reasoning: reasoning.length })
  }
}
