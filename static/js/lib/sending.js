/** @file Sends a file to the server and tells how far it is; fetch would not. */

import { ApiError, isUnlocked, problemOf } from "./api.js"
import { t } from "./t.js"

/** @typedef {{signal: AbortSignal, onProgress: (part: number) => void}} Sending */

/**
 * @param {string} address
 * @param {Blob} content
 * @param {string} name
 * @param {Sending} options
 * @returns {Promise<any>} the answer. Rejects with an ApiError
 */
export function sendForm(address, content, name, options) {
  const { signal, onProgress } = options
  const body = new FormData()
  body.append("file", content, name)
  const sending = new XMLHttpRequest()
  sending.open("POST", address)
  sending.responseType = "json"
  signal.addEventListener("abort", () => sending.abort())
  sending.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0)
  return new Promise((resolve, reject) => {
    sending.onload = async () => {
      const done = sending.status >= 200 && sending.status < 300 && sending.response
      if (done) return resolve(sending.response)
      const problem = problemOf(sending.status, sending.response)
      if (await isUnlocked(problem)) resolve(sendForm(address, content, name, options))
      else reject(problem)
    }
    sending.onerror = () => reject(new ApiError(t("transfer.offline"), 0, "offline"))
    sending.onabort = () => reject(new ApiError(t("transfer.cancelled"), 0, "cancelled"))
    sending.send(body)
  })
}
