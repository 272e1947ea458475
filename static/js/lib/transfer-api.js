/** @file Files of chats that go in and out. */

import { ApiError, isUnlocked, problemOf, request, send } from "./api.js"
import { sendForm } from "./sending.js"
import { t } from "./t.js"

/**
 * @typedef {{format: string, conversations: number, messages: number, new: number, updated: number,
 *   unchanged: number, attachments: number, missing_attachments: number, projects?: number,
 *   skipped: {what: string, why: string}[], skipped_more?: number, dry_run: boolean}} Report
 * @typedef {{state: "running"|"done"|"error"|"cancelled", done_bytes: number, total_bytes: number,
 *   report: Report|null, error: {code: string, message: string}|null}} ImportState
 */

/**
 * @param {File} file
 * @param {import("./sending.js").Sending & {dry: boolean}} options
 * @returns {Promise<string>} the id of the import
 */
export async function startImport(file, { dry, ...sending }) {
  return (await sendForm(`api/import${dry ? "?dry_run=true" : ""}`, file, file.name, sending)).import_id
}

/** @param {string} id @returns {Promise<ImportState>} */
export function importState(id) {
  return request(`api/import/${encodeURIComponent(id)}`)
}

/** @param {string} id */
export function cancelImport(id) {
  return send(`api/import/${encodeURIComponent(id)}`, "DELETE")
}

const LONGEST_ADDRESS = 6000 // servers before ours refuse longer ones

/** Where a zip of these is; null: there are too many for an address. @param {string[]} ids */
export function exportAddress(ids) {
  const address = `api/export?format=llmchat&ids=${ids.map(encodeURIComponent).join()}`
  return address.length <= LONGEST_ADDRESS ? address : null
}

/** A zip of any number. @param {string[]} ids @returns {Promise<Blob>} */
export async function exported(ids) {
  const answer = await fetch("api/export", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ format: "llmchat", ids }),
  }).catch(() => { throw new ApiError(t("api.offline"), 0, "offline") })
  if (answer.ok) return answer.blob()
  const problem = problemOf(answer.status, await answer.json().catch(() => null))
  if (await isUnlocked(problem)) return exported(ids)
  throw problem
}
