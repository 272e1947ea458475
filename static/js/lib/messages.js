/** @file Messages as plain data: making them, what is shown of them, and what of them a model is sent. */

import { newId } from "./chats.js"
import { emptyReply } from "./reply.js"
import { asStored, isRun, runsOf } from "./tools.js"
import { wholeRuns, wholeText, wholeThoughts } from "./whole.js"
import { LOST } from "./words.js"

/** @typedef {import("../types.js").Message} Message @typedef {import("../types.js").Reply} Reply */

/** A message that no server knows yet. @param {Partial<Message>} members @returns {Message} */
export function newMessage(members) {
  return {
    id: newId(), parent_id: null, role: "user", content: "", reasoning: "", state: "done",
    finish_reason: null, error: null, model: null, endpoint: null, job_id: null, parameters: {},
    usage: null, timings: null, tool_calls: [], attachments: [], created: Date.now(), edited: null,
    revision: 0, ...members,
  }
}

/** What a stored answer looks like; while it runs, what its job goes on from. @param {Message} message @returns {Reply} */
export function replyOf(message) {
  const { content, reasoning, state, usage, timings, model, endpoint } = message
  const runs = runsOf(message)
  if (state === "running") {
    const { thoughtSeconds } = kept(message)
    return emptyReply(content || reasoning || runs.length ? { content, reasoning, thoughtSeconds, ...runs.length && { runs } } : null)
  }
  const finish_reason = state === "cancelled" ? "cancelled" : message.finish_reason ?? "stop"
  const failed = state === "error" ? message.error ?? LOST : null
  const tools = message.tool_calls.filter((one) => !isRun(one)).map((one) => one?.name ?? one?.function?.name).filter(Boolean)
  return {
    ...emptyReply(), ...kept(message), content, reasoning, usage, failed, tools, runs,
    done: failed ? null : { finish_reason, usage, timings, model, endpoint },
  }
}

/** What was counted of it in all. @param {Message} message */
function kept({ timings }) {
  return { thoughtSeconds: timings?.thinking_seconds ?? null, first: timings?.first_endpoint ?? null }
}

/** What was seen of an answer, with what the server has counted meanwhile. @param {Reply} seen @param {Message} message @returns {Reply} */
export function withKept(seen, message) {
  const { thoughtSeconds } = kept(message)
  if (thoughtSeconds === null) return seen
  return { ...seen, thoughtSeconds, before: seen.before && { ...seen.before, thoughtSeconds: null } }
}

/** The answer as it will be stored, when its job has ended. @param {Message} message @param {Reply} reply @returns {Message} */
export function ended(message, reply) {
  const { done, failed } = reply
  const state = failed ? "error" : done?.finish_reason === "cancelled" ? "cancelled" : "done"
  return {
    ...message, state, content: wholeText(reply), reasoning: wholeThoughts(reply),
    tool_calls: [...message.tool_calls.filter((one) => !isRun(one)), ...asStored(wholeRuns(reply), wholeText(reply))],
    error: failed, finish_reason: done?.finish_reason ?? null, usage: done?.usage ?? reply.usage,
    timings: done?.timings ?? null, model: done?.model ?? message.model, endpoint: done?.endpoint ?? message.endpoint,
  }
}

/** A try that gave nothing, not even thoughts: there is nothing to come back to. @param {Message} message */
export function isFailedTry({ state, content, reasoning, tool_calls }) {
  return state === "error" && !content && !reasoning && !tool_calls.length
}

/**
 * What a model is to know: questions and answers, without thoughts and without those that said nothing.
 *
 * @param {Message[]} path
 * @returns {{role: string, content: string}[]}
 */
export function history(path) {
  return path.map(({ role, content }) => ({ role: /** @type {string} */ (role), content }))
    .filter((one) => one.content)
    .reduce(joinNeighbours, /** @type {{role: string, content: string}[]} */ ([]))
}

/** Some models refuse two messages of the same role in a row. @param {{role: string, content: string}[]} all @param {{role: string, content: string}} next */
function joinNeighbours(all, next) {
  const last = all[all.length - 1]
  if (last?.role !== next.role) return [...all, next]
  return [...all.slice(0, -1), { ...last, content: `${last.content}\n\n${next.content}` }]
}
