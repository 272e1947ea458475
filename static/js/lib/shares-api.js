/** @file The links to copies of chats. */

import { request, send } from "./api.js"

/** @typedef {{id: string, conversation_id: string, title: string, created: number, expires: number|null, reasoning: boolean, files: boolean}} Share times in milliseconds */
/** @typedef {{number: number, name: string, type: string, size: number}} SharedFile */
/** @typedef {{role: "user"|"assistant", content: string, reasoning: string, thinking_seconds: number|null, model: string|null, state: "done"|"stopped"|"failed", files: SharedFile[], withheld: number}} SharedMessage */
/** @typedef {{title: string, created: number, messages: SharedMessage[]}} SharedChat */

/** @param {string|null} chat only its links; null: all of them @returns {Promise<{items: Share[]}>} the newest first */
export function shares(chat) {
  return request(chat === null ? "api/shares" : `api/shares?conversation=${encodeURIComponent(chat)}`)
}

/** @param {string} chat @param {{expires_days: number|null, reasoning: boolean, files: boolean}} what @returns {Promise<Share & {token: string, path: string}>} where the link is, is told this once */
export function makeShare(chat, what) {
  return send(`api/conversations/${encodeURIComponent(chat)}/shares`, "POST", what)
}

/** @param {string} id */
export function revokeShare(id) {
  return send(`api/shares/${encodeURIComponent(id)}`, "DELETE")
}

/** What a link shows. @param {string} path of its page @returns {Promise<SharedChat>} */
export function sharedChat(path) {
  return request(`${path}/data`)
}

/** Make a chat of one's own of it; asked for by the page of the link. @param {string} token @returns {Promise<{id: string}>} */
export function takeShared(token) {
  return send("../api/shares/take", "POST", { token })
}
