/** @file Asking a question, and stopping its answer, over a connection that may be down for a moment. */

import * as api from "../lib/api.js"
import { inOneLine } from "../lib/problems.js"

const AGAIN_SECONDS = [0.5, 1, 2, 4]
const LONGEST_WAIT_SECONDS = 60
const STOP_AGAIN_SECONDS = 1

/**
 * The same key each time: however often it is sent, the question is asked once.
 *
 * @param {Record<string, unknown>} question
 * @param {string} key
 * @param {AbortSignal} stopped nobody wants it any more
 * @param {(seconds: number, reason: string) => void} onWait the server has no room, and it is tried again in so many seconds
 * @returns {Promise<import("../types.js").Accepted>} Rejects with an ApiError
 */
export async function askPatiently(question, key, stopped, onWait) {
  for (let failures = 0; ; failures++) {
    try {
      return await api.ask(question, key)
    } catch (error) {
      const seconds = secondsToNextTry(error, failures)
      if (seconds === null || stopped.aborted) throw error
      if (error instanceof api.ApiError && error.status) onWait(seconds, inOneLine(error))
      await pause(seconds, stopped)
      if (stopped.aborted) throw error
    }
  }
}

/**
 * How long to wait before a question is sent once more; null: people have to decide.
 *
 * @param {unknown} error
 * @param {number} failures before it
 */
export function secondsToNextTry(error, failures) {
  if (!(error instanceof api.ApiError) || failures >= AGAIN_SECONDS.length) return null
  if (error.status === 0) return AGAIN_SECONDS[failures]
  const { status, wait } = error
  return status === 503 && wait !== null && wait <= LONGEST_WAIT_SECONDS ? Math.max(wait, AGAIN_SECONDS[failures]) : null
}

/**
 * As often as it takes, also when nobody watches the answer any more.
 *
 * @param {string} job
 * @param {string|null} seen
 * @param {() => boolean} over whether the answer has ended meanwhile
 * @returns {Promise<boolean>} false: there is nothing to stop
 */
export async function stopPatiently(job, seen, over) {
  while (!over()) {
    try {
      await api.stop(job, seen)
      return true
    } catch (error) {
      if (error instanceof api.ApiError && error.status >= 400 && error.status < 500) return false
    }
    await pause(STOP_AGAIN_SECONDS)
  }
  return true
}

/** @param {number} seconds @param {AbortSignal} [stopped] ends it at once */
function pause(seconds, stopped) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, seconds * 1000)
    stopped?.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve(undefined)
    }, { once: true })
  })
}
