/** @file Whose page this browser shows: what one person has not sent yet is not for the next one. */

import { keep, kept, keptKeys } from "./kept.js"

/** @typedef {import("../lib/session-api.js").Account} Account */

const KEY = "llmchat.account"
const PRIVATE = ["llmchat.draft.", "llmchat.draft-files.", "llmchat.typed.", "llmchat.queue.", "llmchat.inputs"]
const ASKING = "llmchat.asking" // of this tab

/** Who was signed in last, as this browser knows it. @returns {{id: string, name: string}|null} */
export function lastAccount() {
  try {
    const { id, name } = JSON.parse(kept(KEY) ?? "")
    return typeof id === "string" && typeof name === "string" ? { id, name } : null
  } catch {
    return null
  }
}

/** Somebody has signed in; other tabs are told. @param {Account} account */
export function noteAccount({ id, name }) {
  const before = lastAccount()
  if (before !== null && before.id !== id) forgetPrivate()
  keep(KEY, JSON.stringify({ id, name, at: Date.now() }))
}

/** Whose page this is, from when it is known. */
let own = /** @type {string|null} */ (null)

/** @param {Account} account */
export function beginAs(account) {
  own = account.id
  if (lastAccount()?.id !== own) noteAccount(account)
}

/** Whether the page may go on with an account: what it shows is of one alone. @param {{id: string}} account */
export function isOwn({ id }) {
  return id === own
}

/** Somebody has signed out. */
export function forgetAccount() {
  forgetPrivate()
  keep(KEY, null)
}

/** Another tab of the browser has seen somebody sign in, or out. @param {(id: string|null) => void} onChange @returns {() => void} ends it */
export function watchAccount(onChange) {
  const hear = (/** @type {StorageEvent} */ { key }) => { if (key === KEY) onChange(lastAccount()?.id ?? null) }
  addEventListener("storage", hear)
  return () => removeEventListener("storage", hear)
}

/** What was typed and not sent. */
function forgetPrivate() {
  for (const key of keptKeys()) if (PRIVATE.some((one) => key.startsWith(one))) keep(key, null)
  try {
    sessionStorage.removeItem(ASKING)
  } catch {
    // A browser that keeps nothing has nothing to forget.
  }
}
