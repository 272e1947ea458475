/** @file The part of the server's HTTP API that is about endpoints. Keys go out, and never come back. */

import { request, send } from "./api.js"

/**
 * @typedef {{set: boolean, last4: string}} Secret
 *
 * @typedef {{id: string, name: string, base_url: string, source: "environment"|"file"|"page", embedded: boolean,
 *   enabled: boolean, key: Secret, key_lost: boolean, headers: Record<string, Secret>, model: string, proxy: string, roles: import("./session-api.js").Role,
 *   slots: number|null, connect_seconds: number|null, first_token_seconds: number|null, idle_seconds: number|null,
 *   total_seconds: number|null, state: "ok"|"loading"|"error"|"off", error: string|null, code: string|null,
 *   models: number}} Endpoint
 *
 * What is changed of one; a key and headers that are null are taken away.
 * @typedef {{name?: string, base_url?: string, key?: string|null, headers?: Record<string, string|null>, enabled?: boolean,
 *   model?: string, proxy?: string, roles?: import("./session-api.js").Role, slots?: number|null, connect_seconds?: number|null, first_token_seconds?: number|null,
 *   idle_seconds?: number|null, total_seconds?: number|null, position?: number}} Changes
 *
 * @typedef {{name: string, ok: boolean, detail: string}} Step
 * @typedef {{ok: boolean, code: string, message: string, steps: Step[], models: string[], suggestion: string}} Verdict
 * @typedef {{name: string, base_url: string, models: string[], added: boolean}} Found
 * @typedef {{items: Endpoint[], key_store: "keyring"|"file", problems: string[]}} Endpoints
 */

const ADDRESS = "api/endpoints"

/** @returns {Promise<Endpoints>} */
export function endpoints() {
  return request(ADDRESS)
}

/** @param {Changes} endpoint @returns {Promise<Endpoint>} */
export function add(endpoint) {
  return send(ADDRESS, "POST", endpoint)
}

/** @param {string} id @param {Changes} changes @returns {Promise<Endpoint>} */
export function change(id, changes) {
  return send(at(id), "PATCH", changes)
}

/** @param {string} id */
export function remove(id) {
  return send(at(id), "DELETE")
}

/** As it is, or as it would be with these changes. @param {string|null} id @param {Changes} changes @returns {Promise<Verdict>} */
export function tryOut(id, changes) {
  return send(`${ADDRESS}/test`, "POST", id === null ? changes : { id, ...changes })
}

/** What runs on the server's machine. @returns {Promise<{items: Found[]}>} */
export function discovered() {
  return request(`${ADDRESS}/discovered`)
}

/** @param {string} id */
function at(id) {
  return `${ADDRESS}/${encodeURIComponent(id)}`
}
