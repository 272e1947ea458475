/** @file The messages that wait to be sent, as the browser keeps them: by chat. */

import { keep, kept, keptKeys } from "./kept.js"

/** `key` is that of the request, `at` the time, `model` as `wanted()` of the catalogue gives it.
 * @typedef {{key: string, at: number, content: string, attachments: import("../types.js").Attachment[],
 *   model: string|null}} Queued
 */

export const QUEUE = "llmchat.queue."
const KEPT_MILLISECONDS = 30 * 24 * 3_600_000

/** @param {string} chat @returns {Queued[]} */
export function queueOf(chat) {
  try {
    const all = JSON.parse(kept(QUEUE + chat) ?? "[]")
    return Array.isArray(all) ? all.filter((one) => typeof one?.key === "string" && typeof one.content === "string" && Array.isArray(one.attachments)) : []
  } catch {
    return []
  }
}

/** @param {string} chat @param {Queued[]} all */
export function keepQueue(chat, all) {
  keep(QUEUE + chat, JSON.stringify(all))
}

/** @param {string} chat */
export function forgetQueue(chat) {
  keep(QUEUE + chat, null)
}

/** Those that nobody came back to. @param {number} now */
export function sweepQueues(now) {
  for (const key of keptKeys().filter((one) => one.startsWith(QUEUE))) {
    const all = queueOf(key.slice(QUEUE.length))
    if (all.every(({ at }) => now - at > KEPT_MILLISECONDS)) keep(key, null)
  }
}
