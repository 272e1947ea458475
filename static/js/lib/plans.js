/** @file What is to be asked, and the body of the request that asks it. */

import { history, newMessage } from "./messages.js"

/**
 * What is asked, until the server has taken it: a question `content` below `parent`, a further
 * answer to the question `parent`, or more of `answer`. `branch`: it is another version of what is
 * there below `parent`. `settings` are those of a chat that is made with it, `others` the models to
 * be asked the same after it, `first` is the answer of the first one. `side`: one of several answers that are compared; `merge`: made of these.
 * @typedef {{key: string, chat: string|null, asked: number, parent: string|null, content?: string,
 *   attachments?: import("../types.js").Attachment[], branch?: boolean, answer?: string,
 *   model: string|null, side?: boolean, merge?: string[], others?: string[], first?: string,
 *   settings?: Record<string, any>}} Plan
 */

/** What is shown of it before the server knows it: the question, unless it is there already, and its answer. @param {Plan} plan */
export function messagesOf({ parent, content, attachments = [], asked, model, side, merge }) {
  const question = content === undefined ? [] : [newMessage({ parent_id: parent, content, attachments, created: asked })]
  const parent_id = question[0]?.id ?? parent
  return [...question, newMessage({ parent_id, role: "assistant", state: "running", model, created: asked, parameters: { ...side && { side_by_side: true }, ...merge && { merged: merge } } })]
}

/** In a chat that the server keeps. @param {Plan} plan @param {string|null} system @returns {Record<string, unknown>} */
export function stored({ chat, parent, content, attachments = [], branch, answer, model, side, merge, settings }, system) {
  const asked = { ...model && { model }, ...side && { side_by_side: true }, ...merge && { merge } }
  if (answer) return { conversation_id: chat, parent_id: answer, continue_final_message: true, ...asked }
  if (content === undefined) return { conversation_id: chat, parent_id: parent, ...asked }
  const place = chat ? { conversation_id: chat, parent_id: parent } : system || settings ? { settings: { ...settings, ...system && { system } } } : {}
  return { content, ...place, ...branch && { branch }, ...attachments.length && { attachments }, ...asked }
}

/** In a chat that only this tab knows. @param {Plan} plan @param {import("../types.js").Message[]} path to the answer, with it @param {string|null} system @param {string[]} [tools] the servers of tools that it may use @returns {Record<string, unknown>} */
export function temporary({ answer, model }, path, system, tools = []) {
  const messages = history(answer ? path : path.slice(0, -1))
  if (system) messages.unshift({ role: "system", content: system })
  return { messages, temporary: true, ...model && { model }, ...tools.length && { tool_servers: tools }, ...answer && { continue_final_message: true } }
}
