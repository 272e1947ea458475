/** @file Model files that come to the server, and leave it. */

import { send } from "./api.js"
import { sendForm } from "./sending.js"

/** @param {File} file @param {import("./sending.js").Sending} options @returns {Promise<import("../types.js").Model>} */
export function sendModel(file, options) {
  return sendForm("api/models", file, file.name, options)
}

/** @param {string} file its name */
export function removeModel(file) {
  return send(`api/models/${encodeURIComponent(file)}`, "DELETE")
}
