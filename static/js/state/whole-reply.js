/** @file An answer that another reader has stopped, before the place where this one came in. */

import * as api from "../lib/api.js"
import { emptyReply, ReplyReader } from "../lib/reply.js"

/**
 * All of a finished answer, up to the event that the stop names. The server joins the pieces of a
 * text, so what came after that event is asked for too, and taken away.
 *
 * @param {string} job
 * @param {import("../types.js").Reply} known what is known of it: that it was stopped, and what it goes on from
 * @returns {Promise<import("../types.js").Reply|null>} null when it cannot be read now
 */
export async function wholeReply(job, { done, before }) {
  const seen = done?.seen ?? ""
  try {
    const [whole, rest] = await Promise.all([api.job(job, null), api.job(job, seen)])
    const reader = new ReplyReader(emptyReply(before))
    const now = Date.now() / 1000
    for (const event of whole.events ?? []) reader.take(event, now)
    reader.cut(rest.events ?? [])
    return reader.reply
  } catch {
    return null
  }
}
