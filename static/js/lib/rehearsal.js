/** @file What an endpoint would be sent for a question, without asking it. */

import { send } from "./api.js"
import { history } from "./messages.js"

/**
 * `url` and `curl` are null for the built-in model, which has no address; `shortened`: only the
 * start of images is shown.
 * @typedef {{endpoint: string, model: string, url: string|null, body: Record<string, any>,
 *   curl: string|null, shortened: boolean}} Rehearsed
 */

/**
 * Rejects with an ApiError, also where the settings cannot be used: its `errors` say which.
 *
 * @param {import("../state/chat.js").Chat} chat
 * @param {{content: string, attachments: import("../types.js").Attachment[]}} question
 * @param {import("./chat-settings.js").Settings} settings
 * @param {string|null} model
 * @returns {Promise<Rehearsed>}
 */
export function rehearse(chat, { content, attachments }, settings, model) {
  const asked = { settings, ...model && { model } }
  if (!chat.temporary) {
    const place = chat.id ? { conversation_id: chat.id, parent_id: chat.tail } : chat.project ? { project: chat.project } : {}
    return send("api/request", "POST", { content, attachments, ...place, ...asked })
  }
  const messages = [...history(chat.path), { role: "user", content }]
  return send("api/request", "POST", { messages, ...asked })
}

/** What the server has found wrong, by the name of the setting. @param {any} problem @returns {Record<string, string>} */
export function problemsOf(problem) {
  /** @type {{pointer: string, detail: string}[]} */
  const errors = problem?.errors ?? []
  const found = errors.map(({ pointer, detail }) => [/^\/settings\/(\w+)/.exec(pointer)?.[1] ?? "", detail])
  return Object.fromEntries(found)
}
