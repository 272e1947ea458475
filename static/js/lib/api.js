/** @file The server's HTTP API. Addresses are relative to the page, wherever that is mounted. */

import { t } from "./t.js"

/** @typedef {import("../types.js").Job} Job @typedef {import("../types.js").Item} Item */

const GONE = new Set([502, 503, 504])
const JSON_TYPE = { "Content-Type": "application/json" }

const LOCKED = new Set(["unauthorized", "session-ended"])
let signIn = /** @type {(() => Promise<void>)|null} */ (null)

/** An answer of the server that is not a success; `status` 0: there was no answer at all. */
export class ApiError extends Error {
  /** @param {string} message @param {number} status @param {string} code @param {number|null} [wait] seconds until it may be tried again, where the server said so @param {any} [body] the problem as it came */
  constructor(message, status, code, wait = null, body = null) {
    super(message)
    this.status = status
    this.code = code
    this.wait = wait
    this.body = body
  }
}

/**
 * @param {Record<string, unknown>} question
 * @param {string} key the same key never asks twice
 * @returns {Promise<import("../types.js").Accepted>}
 */
export function ask(question, key) {
  const headers = { ...JSON_TYPE, "Idempotency-Key": key }
  return request("chat", { method: "POST", headers, body: JSON.stringify(question) })
}

/** @param {string} job @param {string|null} seen id of the last event that was shown */
export function stop(job, seen) {
  const query = seen ? `?seen=${encodeURIComponent(seen)}` : ""
  return request(`chat/${encodeURIComponent(job)}${query}`, { method: "DELETE" })
}

/** @returns {Promise<import("../types.js").Models>} */
export function models() {
  return request("models")
}

/** @param {string} job @param {string|null} after @returns {Promise<Job>} with the events after that id */
export function job(job, after) {
  const query = after ? `?after=${encodeURIComponent(after)}` : ""
  return request(`api/jobs/${encodeURIComponent(job)}${query}`)
}

/** @param {string} job @param {string|null} after */
export function streamAddress(job, after) {
  const query = after ? `?after=${encodeURIComponent(after)}` : ""
  return `stream/${encodeURIComponent(job)}${query}`
}

/** @param {string} address @param {string} method @param {unknown} [body] @returns {Promise<any>} */
export function send(address, method, body) {
  const content = body === undefined ? {} : { headers: JSON_TYPE, body: JSON.stringify(body) }
  return request(address, { method, ...content })
}

/** @param {string} address @param {RequestInit} [options] @returns {Promise<any>} */
export async function request(address, options) {
  const response = await fetch(address, { cache: "no-store", ...options }).catch(() => {
    throw new ApiError(t("api.offline"), 0, "offline")
  })
  if (response.status === 204) return null
  const body = await response.json().catch(() => null)
  if (response.ok && body) return body
  const problem = problemOf(response.status, body, secondsOf(response.headers.get("Retry-After"), Date.now()))
  if (await isUnlocked(problem)) return request(address, options)
  throw problem
}

/** Whoever is refused since nobody is signed in waits for this, and asks again. @param {() => Promise<void>} wait */
export function onLocked(wait) {
  signIn = wait
}

/** Whether somebody has signed in after this. @param {{code: string}} problem */
export async function isUnlocked({ code }) {
  if (!signIn || !LOCKED.has(code)) return false
  await signIn()
  return true
}

/** A stream is not told why it is refused: resolves when that is not for want of signing in. */
export async function whenSignedIn() {
  const state = await request("api/session").catch(() => null)
  if (state?.account === null) await isUnlocked({ code: "unauthorized" })
}

/**
 * What a failure is. Without a problem in JSON, the answer is that of a proxy before the server.
 *
 * @param {number} status @param {any} body @param {number|null} [wait]
 */
export function problemOf(status, body, wait = null) {
  const said = body?.detail ?? body?.title
  if (!said && GONE.has(status)) return new ApiError(t("api.offline"), 0, "offline")
  if (!said && status === 413) return new ApiError(t("api.proxyLimit"), status, "too-large")
  return new ApiError(said ?? t("api.status", { status: String(status) }), status, body?.code ?? "unknown", wait, body)
}

/** What Retry-After asks for: a number of seconds, or a date. @param {string|null} text @param {number} now in milliseconds */
export function secondsOf(text, now) {
  if (!text) return null
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null
}
