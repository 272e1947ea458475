/** @file The keys with which other programs use this llmchat. */

import { request, send } from "./api.js"

/** @typedef {"v1"|"read"|"write"|"admin"|"metrics"} Scope */
/** @typedef {{id: string, name: string, ending: string, created: number, used: number|null, scopes: Scope[], expires: number|null}} Key times in milliseconds */

/** @returns {Promise<{items: Key[]}>} newest first */
export function keys() {
  return request("api/keys")
}

/** @param {string} name @param {Scope} scope @param {number|null} expires @returns {Promise<Key & {key: string}>} the key itself is told this once */
export function makeKey(name, scope, expires) {
  return send("api/keys", "POST", { name, scopes: [scope], ...expires !== null && { expires } })
}

/** @param {string} id */
export function revokeKey(id) {
  return send(`api/keys/${encodeURIComponent(id)}`, "DELETE")
}
