/** @file The part of the server's HTTP API that is about stored conversations. */

import { request, send } from "./api.js"

/** @typedef {import("../types.js").Item} Item @typedef {import("../types.js").Message} Message */
/** @typedef {import("../types.js").Opened} Opened @typedef {import("../types.js").BatchAction} BatchAction */
/** @typedef {{cursor?: string|null, limit?: number, pinned?: boolean, archived?: boolean, deleted?: boolean, project?: string}} Query */

/** @param {Query} query newest first @returns {Promise<{items: Item[], next: string|null}>} */
export function list(query) {
  const known = Object.entries(query).filter(([, value]) => value !== undefined && value !== null)
  const text = new URLSearchParams(known.map(([name, value]) => [name, String(value)])).toString()
  return request(`api/conversations${text ? `?${text}` : ""}`)
}

/** All of it, or what has changed after a revision. @param {string} id @param {number|null} [since] @returns {Promise<Opened>} */
export function open(id, since = null) {
  return request(`${at(id)}${since === null ? "" : `?since=${since}`}`)
}

/** @param {string} id @param {Partial<Item>} changes @returns {Promise<Item>} */
export function change(id, changes) {
  return send(at(id), "PATCH", changes)
}

/** @param {string[]} ids at most a thousand @returns {Promise<{changed: number}>} */
export function removeForever(ids) {
  return send("api/conversations/batch", "POST", { ids, action: "delete-forever" })
}

/** All there are, with the archive and the bin. @returns {Promise<{changed: number}>} how many */
export function removeAll() {
  return send("api/conversations?all=true", "DELETE")
}

/** @param {string[]} ids at most a thousand @param {BatchAction} action @param {string|null} [project] where they are moved to @returns {Promise<{changed: number}>} */
export function batch(ids, action, project = null) {
  return send("api/conversations/batch", "POST", { ids, action, ...project !== null && { project } })
}

/** @param {string} id @param {string} message the last one that is copied @returns {Promise<Item>} the new conversation */
export function fork(id, message) {
  return send(`${at(id)}/fork`, "POST", { message_id: message })
}

/** A message that is only stored, and then the active one. @param {string} id @param {Partial<Message>} message @returns {Promise<Message>} */
export function add(id, message) {
  return send(`${at(id)}/messages`, "POST", message)
}

/** @param {string} id @param {string} message @param {{content?: string, reasoning?: string}} changes @returns {Promise<Message>} */
export function edit(id, message, changes) {
  return send(`${at(id)}/messages/${encodeURIComponent(message)}`, "PATCH", changes)
}

/** With all that is below it. @param {string} id @param {string} message @returns {Promise<{deleted: number, active: string|null}>} */
export function cut(id, message) {
  return send(`${at(id)}/messages/${encodeURIComponent(message)}`, "DELETE")
}

/** @param {string} id */
function at(id) {
  return `api/conversations/${encodeURIComponent(id)}`
}
