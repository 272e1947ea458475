/** @file Who is signed in here, how one signs in and out, and the own account. */

import { request, send } from "./api.js"

/**
 * @typedef {"guest"|"user"|"admin"} Role @typedef {"password"|"token"|"oidc"} Way
 * @typedef {{id: string, name: string, role: Role, has_password: boolean}} Account
 * @typedef {{auth: "auto"|"none"|"token"|"password"|"proxy", account: Account|null, signed_in: boolean,
 *   ways: Way[], oidc: string|null, setup: boolean}} SessionState
 * @typedef {{id: string, device: string, address: string, created: number, seen: number, current: boolean}} Session times in milliseconds
 * @typedef {{limit: number, used: number}|null} Limit
 * @typedef {{per_minute: Limit, running: Limit, queued: Limit, tokens_per_day: Limit, streams: Limit}} Limits
 */

/** @returns {Promise<SessionState>} */
export function session() {
  return request("api/session")
}

/** @param {string} name @param {string} password @returns {Promise<SessionState>} */
export function signIn(name, password) {
  return send("api/session", "POST", { name, password })
}

/** @param {string} token that of the data folder @returns {Promise<SessionState>} */
export function signInByToken(token) {
  return send("api/session", "POST", { token })
}

/** Make the first admin. @param {string} code @param {string} name @param {string} password @returns {Promise<SessionState>} */
export function setUp(code, name, password) {
  return send("api/setup", "POST", { code, name, password })
}

/** Where one signs in at the service that llmchat trusts; it leads back to the page as it is. */
export function serviceAddress() {
  const next = location.pathname + location.search + location.hash
  return `api/oidc/start?next=${encodeURIComponent(next)}`
}

export function signOut() {
  return send("api/session", "DELETE")
}

/** @returns {Promise<{items: Session[]}>} the one that was used last comes first */
export function sessions() {
  return request("api/sessions")
}

/** @param {string} id */
export function endSession(id) {
  return send(`api/sessions/${encodeURIComponent(id)}`, "DELETE")
}

/** All but the one of this browser. */
export function endOthers() {
  return send("api/sessions", "DELETE")
}

/** What the account may take, and has. @returns {Promise<Limits>} */
export function ownLimits() {
  return request("api/account/limits")
}

/** @param {{name?: string, password?: string, current?: string}} changes `current` is the password until now @returns {Promise<Account>} */
export function changeAccount(changes) {
  return send("api/account", "PATCH", changes)
}

/** With all that is its own. @param {string} [current] the password, where there is one */
export function deleteAccount(current) {
  return send("api/account", "DELETE", current === undefined ? {} : { current })
}
