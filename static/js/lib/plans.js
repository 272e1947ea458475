/** @file What is to be asked, and the body of the request that asks it. */

import { areNone } from "./chat-settings.js"
import { history, newMessage } from "./messages.js"

/**
 * What is asked, until the server has taken it: a question `content` below `parent`, a further
 * answer to the question `parent`, or more of `answer`. `branch`: it is another version of what is
 * there below `parent`. `compact`: a summary of what leads to `parent`. `settings` and `project` are those of
 * a chat that is made with it. `others` are the models to be asked the same after it, `first` is the answer of
 * the first one. `side`: one of several answers that are compared; `merge`: made of these.
 * @typedef {{key: string, chat: string|null, asked: number, parent: string|null, content?: string,
 *   attachments?: import("../types.js").Attachment[], branch?: boolean, answer?: string, compact?: boolean,
 *   model: string|null, side?: boolean, merge?: string[], others?: string[], first?: string,
 *   settings?: import("./chat-settings.js").Settings, project?: string}} Plan
 */

/** What is shown of it before the server knows it: the question, unless it is there already, and its answer. @param {Plan} plan */
export function messagesOf({ parent, content, attachments = [], asked, model, side, merge, compact }) {
  const question = content === undefined ? [] : [newMessage({ parent_id: parent, content, attachments, created: asked })]
  const parent_id = question[0]?.id ?? parent
  return [...question, newMessage({ parent_id, role: "assistant", state: "running", model, created: asked, parameters: { ...side && { side_by_side: true }, ...merge && { merged: merge }, ...compact && { compact } } })]
}

/** In a chat that the server keeps. @param {Plan} plan @returns {Record<string, unknown>} */
export function stored({ chat, parent, content, attachments = [], branch, answer, model, side, merge, settings, project, compact }) {
  const asked = { ...model && { model }, ...side && { side_by_side: true }, ...merge && { merge } }
  if (answer) return { conversation_id: chat, parent_id: answer, continue_final_message: true, ...asked }
  if (compact) return { conversation_id: chat, parent_id: parent, compact, ...branch && { branch }, ...asked }
  if (content === undefined) return { conversation_id: chat, parent_id: parent, ...asked }
  const place = chat ? { conversation_id: chat, parent_id: parent } : { ...settings && { settings }, ...project && { project } }
  return { content, ...place, ...branch && { branch }, ...attachments.length && { attachments }, ...asked }
}

/** In a chat that only this tab knows. @param {Plan} plan @param {import("../types.js").Message[]} path to the answer, with it @param {import("./chat-settings.js").Settings} settings @returns {Record<string, unknown>} */
export function temporary({ answer, model }, path, settings) {
  const messages = history(answer ? path : path.slice(0, -1))
  return { messages, temporary: true, ...model && { model }, ...!areNone(settings) && { settings }, ...answer && { continue_final_message: true } }
}
