/** @file Chats as plain data: making them, naming them, and what of them is sent to a model. */

import { emptyReply } from "./reply.js"
import { beginningOf, wholeText, wholeThoughts } from "./whole.js"

/** @typedef {import("../types.js").Chat} Chat */
/** @typedef {import("../types.js").Answer} Answer */

const LONGEST_TITLE = 60

/** A random id; `crypto.randomUUID` does not exist on plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** @param {string} question @param {number} now @returns {Chat} */
export function newChat(question, now) {
  return { id: newId(), title: titleOf(question), updated: now, messages: [] }
}

/** The first line of the question, cut between words. @param {string} question */
export function titleOf(question) {
  const line = question.trim().split("\n", 1)[0].replace(/[\u202A-\u202E\u2066-\u2069]/g, "")
  if (line.length <= LONGEST_TITLE) return line || "New chat"
  const cut = Array.from(line).slice(0, LONGEST_TITLE).join("")
  const space = cut.lastIndexOf(" ")
  return (space > 0 ? cut.slice(0, space) : cut) + "…"
}

/** @param {string} content @returns {import("../types.js").Question} */
export function newQuestion(content) {
  return { id: newId(), role: "user", content }
}

/** @param {string|null} model @param {number} now @returns {Answer} */
export function newAnswer(model, now) {
  return {
    id: newId(), role: "assistant", model, key: newId(), job: null, asked: now,
    reply: emptyReply(), earlier: [],
  }
}

/** The same place in the chat, asked again; what was shown is kept. @param {Answer} answer @param {string|null} model @param {number} now */
export function askedAgain(answer, model, now) {
  const { reply, earlier } = answer
  const shown = Boolean(wholeText(reply) || wholeThoughts(reply))
  return { ...newAnswer(model, now), id: answer.id, earlier: shown ? [...earlier, reply] : earlier }
}

/**
 * The same answer, to be gone on with where it stops. Two tabs that do so at once make the same
 * key, and so one job.
 *
 * @param {Answer} answer
 * @param {string|null} model
 * @param {number} now
 * @returns {Answer}
 */
export function continued(answer, model, now) {
  const { id, earlier, reply } = answer
  const [key, count = 0] = answer.key.split(".")
  return {
    ...newAnswer(model, now), id, earlier, key: `${key}.${Number(count) + 1}`,
    reply: emptyReply(beginningOf(reply)),
  }
}

/** What the server is asked for an answer. @param {Chat} chat @param {Answer} answer @returns {import("../types.js").ChatRequest} */
export function requestFor(chat, answer) {
  const messages = historyBefore(chat, answer)
  const model = answer.model ? { model: answer.model } : {}
  const begun = answer.reply.before?.content
  if (!begun) return { messages, ...model }
  return { messages: [...messages, { role: "assistant", content: begun }], ...model, continue_final_message: true }
}

/**
 * What a model is to know: the questions and answers before `answer`, without thoughts and failures.
 *
 * @param {Chat} chat
 * @param {Answer} answer
 * @returns {{role: string, content: string}[]}
 */
export function historyBefore(chat, answer) {
  const before = chat.messages.slice(0, chat.messages.findIndex((one) => one.id === answer.id))
  return before
    .map((one) => ({ role: /** @type {string} */ (one.role), content: one.role === "user" ? one.content : wholeText(one.reply) }))
    .filter((one) => one.content)
    .reduce(joinNeighbours, /** @type {{role: string, content: string}[]} */ ([]))
}

/** Some models refuse two messages of the same role in a row. @param {{role: string, content: string}[]} all @param {{role: string, content: string}} next */
function joinNeighbours(all, next) {
  const last = all[all.length - 1]
  if (last?.role !== next.role) return [...all, next]
  return [...all.slice(0, -1), { ...last, content: `${last.content}\n\n${next.content}` }]
}

/** Which chats make room: the oldest of those beyond `most`. @param {Chat[]} chats @param {number} most */
export function beyond(chats, most) {
  return [...chats].sort((a, b) => b.updated - a.updated).slice(most)
}

/** Chats under the heading of their day. @param {Chat[]} chats newest first @param {number} now */
export function byDay(chats, now) {
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const day = 86_400_000
  const ranges = /** @type {[string, number][]} */ ([
    ["Today", midnight], ["Yesterday", midnight - day], ["Last 7 days", midnight - 7 * day],
    ["Last 30 days", midnight - 30 * day], ["Older", -Infinity],
  ])
  let later = Infinity
  return ranges.map(([name, since]) => {
    const group = { name, chats: chats.filter(({ updated }) => updated >= since && updated < later) }
    later = since
    return group
  }).filter((group) => group.chats.length)
}
