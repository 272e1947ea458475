/** @file The keys with which other programs use this llmchat. */

import { request, send } from "./api.js"

/** @typedef {{id: string, name: string, ending: string, created: number, used: number|null}} Key times in milliseconds */

/** @returns {Promise<{items: Key[]}>} newest first */
export function keys() {
  return request("api/keys")
}

/** @param {string} name @returns {Promise<Key & {key: string}>} the key itself is told this once */
export function makeKey(name) {
  return send("api/keys", "POST", { name })
}

/** @param {string} id */
export function revokeKey(id) {
  return send(`api/keys/${encodeURIComponent(id)}`, "DELETE")
}
