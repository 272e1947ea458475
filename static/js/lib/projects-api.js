/** @file The part of the server's HTTP API that is about projects. */

import { request, send } from "./api.js"

/** @typedef {import("../types.js").Attachment} Attachment */
/**
 * @typedef {{id: string, name: string, updated: number, icon: string, colour: import("./presets.js").Colour,
 *   system: string, model: string|null, preset: string|null, files: Attachment[]}} Project
 * @typedef {Omit<Project, "id"|"updated"|"files">} Draft
 */

const PROJECTS = "api/projects"

/** @returns {Promise<{items: Project[]}>} */
export function list() {
  return request(PROJECTS)
}

/** @param {Draft} draft @returns {Promise<Project>} */
export function add(draft) {
  return send(PROJECTS, "POST", draft)
}

/** @param {string} id @param {Partial<Draft> & {place?: number}} changes @returns {Promise<Project>} */
export function change(id, changes) {
  return send(at(id), "PATCH", changes)
}

/** @param {string} id @param {"keep"|"bin"} chats what becomes of them */
export function remove(id, chats) {
  return send(`${at(id)}?chats=${chats}`, "DELETE")
}

/** @param {string} id @param {Attachment} file that is on the server @returns {Promise<Project>} */
export function addFile(id, { file, name }) {
  return send(`${at(id)}/files`, "POST", { file, name })
}

/** @param {string} id @param {string} file @returns {Promise<Project>} */
export function removeFile(id, file) {
  return send(`${at(id)}/files/${encodeURIComponent(file)}`, "DELETE")
}

/** @param {string} id */
function at(id) {
  return `${PROJECTS}/${encodeURIComponent(id)}`
}
