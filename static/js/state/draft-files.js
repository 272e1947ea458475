/** @file The files that go with a draft: where they are on the server, by the chat that they are for. */

import { keep, kept, keptKeys } from "./kept.js"

/** @typedef {import("../types.js").Attachment} Attachment */

const FILES = "llmchat.draft-files."
const KEPT_MILLISECONDS = 24 * 3_600_000 // the server forgets what no message has after a day

/** @param {string} chat "new" before there is one @param {number} [now] @returns {Attachment[]} */
export function draftFilesOf(chat, now = Date.now()) {
  const { at, files } = read(FILES + chat)
  return now - at < KEPT_MILLISECONDS ? files : []
}

/** @param {string} chat @param {Attachment[]} files */
export function keepDraftFiles(chat, files) {
  keep(FILES + chat, files.length ? JSON.stringify({ at: Date.now(), files }) : null)
}

/** @param {number} now */
export function sweepDraftFiles(now) {
  for (const key of keptKeys().filter((one) => one.startsWith(FILES))) {
    if (now - read(key).at >= KEPT_MILLISECONDS) keep(key, null)
  }
}

/** Whether two messages have the same files. @param {Attachment[]} some @param {Attachment[]} others */
export function areSame(some, others) {
  return some.length === others.length && some.every(({ file }, index) => file === others[index].file)
}

/** @param {string} key @returns {{at: number, files: Attachment[]}} */
function read(key) {
  try {
    const { at, files } = JSON.parse(kept(key) ?? "{}")
    return Array.isArray(files) ? { at: Number(at), files } : { at: 0, files: [] }
  } catch {
    return { at: 0, files: [] }
  }
}
