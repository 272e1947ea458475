/** @file What was typed and not sent, by the chat that it was typed in. */

import { ApiError } from "../lib/api.js"
import { open } from "../lib/conversations-api.js"
import { keep, kept, keptKeys } from "./kept.js"

const DRAFT = "llmchat.draft."
const TYPED = "llmchat.typed." // when, in milliseconds
const KEPT_MILLISECONDS = 30 * 24 * 3_600_000
const NO_MESSAGES = Number.MAX_SAFE_INTEGER // none has changed since that revision

/** @param {string} chat "new" before there is one */
export function draftOf(chat) {
  return kept(DRAFT + chat) ?? ""
}

/** Where there is no room, it is only in the page. @param {string} chat @param {string} text empty: none any more */
export function keepDraft(chat, text) {
  keep(DRAFT + chat, text || null)
  keep(TYPED + chat, text ? String(Date.now()) : null)
}

/** Those of chats that the server does not have, after a while: nobody comes to them any more. @param {number} now */
export async function sweepDrafts(now) {
  for (const key of keptKeys().filter((one) => one.startsWith(DRAFT))) {
    const chat = key.slice(DRAFT.length)
    const typed = Number(kept(TYPED + chat))
    if (!typed) keep(TYPED + chat, String(now)) // of an older version
    else if (chat !== "new" && now - typed > KEPT_MILLISECONDS && await isUnknown(chat)) keepDraft(chat, "")
  }
}

/** @param {string} chat */
function isUnknown(chat) {
  return open(chat, NO_MESSAGES).then(() => false, (error) => error instanceof ApiError && error.status === 404)
}
