/** @file Chats that older versions kept in the browser, in the format that llmchat imports (docs/format.md). */

import { isFinal } from "./reply.js"
import { wholeText, wholeThoughts } from "./whole.js"
import { LOST } from "./words.js"

/** @typedef {import("../types.js").OldChat} OldChat @typedef {import("../types.js").OldAnswer} OldAnswer */
/** @typedef {import("../types.js").OldQuestion} OldQuestion @typedef {import("../types.js").Reply} Reply */

/**
 * A session and its messages, a line each. Answers that were given before in the same place become
 * siblings; the last one goes on.
 *
 * @param {OldChat} chat
 */
export function sessionOf(chat) {
  const root = `root-${chat.id}`
  const messages = /** @type {(ReturnType<typeof common> & {id: string, parent: string, content: string})[]} */ ([])
  let parent = root
  for (const one of chat.messages) {
    const made = one.role === "user" ? [question(one)] : versions(one)
    for (const message of made) messages.push({ ...common(chat, one), ...message, parent })
    parent = made[made.length - 1].id
  }
  const session = {
    harness: "llmchat", format: 1, type: "session", id: chat.id, name: chat.title, named: false,
    created: beginning(chat), lastModified: chat.updated, currNode: messages.length ? parent : null,
    source: "llmchat-browser", sourceId: chat.id,
  }
  const first = { id: root, convId: chat.id, type: "root", role: "system", timestamp: session.created, parent: null, children: [], content: "" }
  const below = (/** @type {string} */ id) => messages.filter((one) => one.parent === id).map((one) => one.id)
  const lines = [first, ...messages].map((message) => ({ type: "message", message: { ...message, children: below(message.id) } }))
  return [session, ...lines].map((line) => `${JSON.stringify(line)}\n`).join("")
}

/** @param {OldChat} chat @param {OldQuestion|OldAnswer} one */
function common(chat, one) {
  return { convId: chat.id, type: "text", role: one.role, timestamp: one.role === "user" ? timeOf(chat, one) : one.asked, sourceId: one.id }
}

/** @param {OldQuestion} one */
function question({ id, content }) {
  return { id, content }
}

/** @param {OldAnswer} answer */
function versions({ id, model, job, earlier, reply }) {
  return [
    ...earlier.map((one, index) => ({ ...answered(one, model), id: `${id}-${index + 1}`, sourceId: `${id}-${index + 1}` })),
    { ...answered(reply, model), id, jobId: job },
  ]
}

/** @param {Reply} reply @param {string|null} model */
function answered(reply, model) {
  const { done, usage } = reply
  const failed = isFinal(reply) ? reply.failed : LOST
  return {
    content: wholeText(reply), reasoningContent: wholeThoughts(reply),
    state: failed ? "error" : done?.finish_reason === "cancelled" ? "cancelled" : "done",
    finishReason: done?.finish_reason ?? null, error: failed, model: done?.model ?? model,
    endpoint: done?.endpoint ?? null, usage: done?.usage ?? usage, timings: done?.timings ?? null,
  }
}

/** A question was asked when its answer was asked for. @param {OldChat} chat @param {OldQuestion} one */
function timeOf(chat, one) {
  const next = chat.messages.slice(chat.messages.indexOf(one)).find((later) => later.role === "assistant")
  return next?.role === "assistant" ? next.asked : chat.updated
}

/** @param {OldChat} chat */
function beginning(chat) {
  const first = chat.messages.find((one) => one.role === "assistant")
  return first?.role === "assistant" ? Math.min(first.asked, chat.updated) : chat.updated
}
