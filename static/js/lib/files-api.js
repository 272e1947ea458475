/** @file The files that go with messages: sending one, and where it is to be had. */

import { ApiError } from "./api.js"
import { t } from "./t.js"

/** @typedef {import("../types.js").Attachment} Attachment */

/**
 * Send a file; fetch would not tell how far it is.
 *
 * @param {Blob} content
 * @param {string} name
 * @param {{signal: AbortSignal, onProgress: (part: number) => void}} options
 * @returns {Promise<Attachment>} Rejects with an ApiError
 */
export function sendFile(content, name, { signal, onProgress }) {
  const body = new FormData()
  body.append("file", content, name)
  const sending = new XMLHttpRequest()
  sending.open("POST", "api/files")
  sending.responseType = "json"
  signal.addEventListener("abort", () => sending.abort())
  sending.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0)
  return new Promise((resolve, reject) => {
    sending.onload = () => {
      if (sending.status === 201 && sending.response) resolve(known(sending.response))
      else reject(problemOf(sending))
    }
    sending.onerror = () => reject(new ApiError(t("transfer.offline"), 0, "offline"))
    sending.onabort = () => reject(new ApiError(t("transfer.cancelled"), 0, "cancelled"))
    sending.send(body)
  })
}

/** @param {Attachment} attachment */
export function addressOf({ file, name }) {
  return `api/files/${encodeURIComponent(file)}?name=${encodeURIComponent(name)}`
}

/** What a message says of a file. @param {Attachment} stored */
function known({ file, name, type, size }) {
  return { file, name, type, size }
}

/** @param {XMLHttpRequest} sending */
function problemOf({ status, response }) {
  const said = response?.detail ?? response?.title ?? t("api.status", { status: String(status) })
  return new ApiError(said, status, response?.code ?? "unknown")
}
