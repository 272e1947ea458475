/** @file Brings chats that older versions kept in this browser to the server, once. */

import * as api from "../lib/api.js"
import { sessionOf } from "../lib/old-chats.js"
import { isFinal, ReplyReader } from "../lib/reply.js"
import { keep, kept, keptKeys } from "./kept.js"
import { wholeReply } from "./whole-reply.js"

/** @typedef {import("../types.js").OldChat} OldChat */

const PREFIX = "llmchat.chat."
const LOOK_MILLISECONDS = 150

/**
 * One after the other, each removed here when it is there. Another try is made with the next page.
 *
 * @returns {Promise<{moved: number, left: number}>}
 */
export async function moveOldChats() {
  const counts = { moved: 0, left: 0 }
  for (const key of keptKeys().filter((one) => one.startsWith(PREFIX))) {
    const chat = read(key)
    if (!chat) continue
    if (await move(chat).catch(() => false)) {
      keep(key, null)
      counts.moved++
    } else counts.left++
  }
  return counts
}

/** @param {string} key @returns {OldChat|null} null: not written by us, it stays where it is */
function read(key) {
  try {
    const chat = JSON.parse(kept(key) ?? "null")
    return chat?.id && Array.isArray(chat.messages) ? chat : null
  } catch {
    return null
  }
}

/** @param {OldChat} chat @returns {Promise<boolean>} whether all of it is on the server */
async function move(chat) {
  if (!await complete(chat)) return false
  const form = new FormData()
  form.append("file", new Blob([sessionOf(chat)], { type: "application/jsonl" }), `${chat.id}.jsonl`)
  const { import_id } = await api.request("api/import", { method: "POST", body: form })
  for (;;) {
    const { state, report } = await api.request(`api/import/${encodeURIComponent(import_id)}`)
    if (state === "done") return report.skipped.length === 0 && report.conversations === 1
    if (state !== "running") return false
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS))
  }
}

/** The answer that was still being written when the page was left. @param {OldChat} chat @returns {Promise<boolean>} false: it is being written */
async function complete(chat) {
  const last = chat.messages[chat.messages.length - 1]
  if (last?.role !== "assistant" || isFinal(last.reply) || !last.job) return true
  const reader = new ReplyReader(last.reply)
  try {
    const { events = [] } = await api.job(last.job, last.reply.last)
    for (const event of events) reader.take(event, Date.now() / 1000)
  } catch (error) {
    return error instanceof api.ApiError && error.status === 404 // what had arrived is all there is
  }
  last.reply = reader.cutIsUnknown ? await wholeReply(last.job, reader.reply) ?? reader.reply : reader.reply
  return isFinal(last.reply)
}
