/** @file Files of chats that go in and out. */

import { ApiError, problemOf, request, send } from "./api.js"
import { t } from "./t.js"

/**
 * @typedef {{format: string, conversations: number, messages: number, new: number, updated: number,
 *   unchanged: number, attachments: number, missing_attachments: number,
 *   skipped: {what: string, why: string}[], skipped_more?: number, dry_run: boolean}} Report
 * @typedef {{state: "running"|"done"|"error"|"cancelled", done_bytes: number, total_bytes: number,
 *   report: Report|null, error: {code: string, message: string}|null}} ImportState
 */

/**
 * Send a file; fetch would not tell how far it is.
 *
 * @param {File} file
 * @param {{dry: boolean, signal: AbortSignal, onProgress: (part: number) => void}} options
 * @returns {Promise<string>} the id of the import
 */
export function startImport(file, { dry, signal, onProgress }) {
  const body = new FormData()
  body.append("file", file, file.name)
  const sending = new XMLHttpRequest()
  sending.open("POST", `api/import${dry ? "?dry_run=true" : ""}`)
  sending.responseType = "json"
  signal.addEventListener("abort", () => sending.abort())
  sending.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0)
  return new Promise((resolve, reject) => {
    sending.onload = () => {
      if (sending.status === 202) resolve(sending.response.import_id)
      else reject(problemOf(sending.status, sending.response))
    }
    sending.onerror = () => reject(new ApiError(t("transfer.offline"), 0, "offline"))
    sending.onabort = () => reject(new ApiError(t("transfer.cancelled"), 0, "cancelled"))
    sending.send(body)
  })
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
  const problem = await answer.json().catch(() => ({}))
  throw new ApiError(problem.detail ?? t("api.status", { status: String(answer.status) }), answer.status, problem.code ?? "unknown")
}
