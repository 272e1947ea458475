/** @file Asking a question, and stopping its answer, over a connection that may be down for a moment. */

import * as api from "../lib/api.js"

const AGAIN_SECONDS = [0.5, 1, 2, 4]
const STOP_AGAIN_SECONDS = 1

/**
 * The same key each time: however often it is sent, the question is asked once.
 *
 * @param {{messages: {role: string, content: string}[], model?: string}} question
 * @param {string} key
 * @param {() => boolean} unwanted whether to give up when the server does not answer
 * @returns {Promise<string>} the job. Rejects with an ApiError
 */
export async function askPatiently(question, key, unwanted) {
  for (const seconds of AGAIN_SECONDS) {
    try {
      return (await api.ask(question, key)).job_id
    } catch (error) {
      if (!(error instanceof api.ApiError) || error.status !== 0 || unwanted()) throw error
    }
    await pause(seconds)
  }
  return (await api.ask(question, key)).job_id
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

/** @param {number} seconds */
function pause(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
