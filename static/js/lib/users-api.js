/** @file The accounts as admins see them, and the log of what was done to them. */

import { request, send } from "./api.js"

/**
 * @typedef {import("./session-api.js").Role} Role
 * @typedef {{id: string, name: string, role: Role, created: number, seen: number|null, disabled: boolean, has_password: boolean, external: boolean}} User times in milliseconds
 * @typedef {{conversations: number, messages: number, files: number, keys: number}} Held
 * @typedef {{number: number, time: number, actor: string, name: string, action: string, target: string, address: string}} Deed
 */

const one = (/** @type {string} */ id) => `api/users/${encodeURIComponent(id)}`

/** @returns {Promise<{items: User[]}>} */
export function users() {
  return request("api/users")
}

/** What each has used today, who has used anything. @returns {Promise<{items: {id: string, questions: number, tokens: number}[]}>} */
export function usage() {
  return request("api/users/use")
}

/** @param {string} name @param {Role} role @param {string} password @returns {Promise<User>} */
export function addUser(name, role, password) {
  return send("api/users", "POST", { name, role, password })
}

/** @param {string} id @param {{role?: Role, password?: string, disabled?: boolean}} changes @returns {Promise<User>} */
export function changeUser(id, changes) {
  return send(one(id), "PATCH", changes)
}

/** With all that is its own. @param {string} id */
export function deleteUser(id) {
  return send(one(id), "DELETE")
}

/** How much would go with it. @param {string|null} id null: the own account @returns {Promise<Held>} */
export function holdingsOf(id) {
  return request(id === null ? "api/account/holdings" : `${one(id)}/holdings`)
}

/** @param {number|null} before @returns {Promise<{items: Deed[], next: number|null}>} newest first */
export function audit(before) {
  return request(`api/audit?limit=50${before === null ? "" : `&before=${before}`}`)
}
