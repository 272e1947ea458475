/** @file Asking a question over a connection that may be down for a moment. */

import * as api from "../lib/api.js"

const AGAIN_SECONDS = [0.5, 1, 2, 4]

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
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
  return (await api.ask(question, key)).job_id
}
