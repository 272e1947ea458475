/** @file Answers of chats that are not in view: what comes of them is stored all the same. */

import * as api from "../lib/api.js"
import { ReplyReader } from "../lib/reply.js"
import { LOST } from "../lib/words.js"
import { runningAnswer } from "./chat-store.js"
import { wholeReply } from "./whole-reply.js"

/** @typedef {import("./chat-store.js").ChatStore} ChatStore */

const LOOK_SECONDS = 5

/**
 * Looks after them now and every few seconds, while there are any and the page is shown.
 *
 * @param {ChatStore} store
 * @param {() => string|null} current the chat in view, which is followed live
 */
export async function watchElsewhere(store, current) {
  for (;;) {
    if (!document.hidden) await look(store, current)
    await new Promise((resolve) => setTimeout(resolve, LOOK_SECONDS * 1000))
  }
}

/** @param {ChatStore} store @param {() => string|null} current */
async function look(store, current) {
  for (const chat of store.list.get()) {
    const answer = runningAnswer(chat)
    if (chat.id !== current() && answer?.job) await collect(store, chat.id, answer, answer.job)
  }
}

/** @param {ChatStore} store @param {string} chatId @param {import("../types.js").Answer} answer @param {string} job */
async function collect(store, chatId, answer, job) {
  const reader = new ReplyReader(structuredClone(answer.reply))
  try {
    const { events = [] } = await api.job(job, answer.reply.last)
    for (const event of events) reader.take(event, Date.now() / 1000)
  } catch (error) {
    if (!(error instanceof api.ApiError) || error.status !== 404) return
    reader.reply.failed = LOST
  }
  const whole = reader.cutIsUnknown ? await wholeReply(job, reader.reply) : null
  const reply = whole ?? reader.reply
  if (reply.last !== answer.reply.last || reply.failed) store.saveAnswer(chatId, answer, reply)
}
