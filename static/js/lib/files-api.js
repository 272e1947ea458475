/** @file The files that go with messages: sending one, and where it is to be had. */

import { sendForm } from "./sending.js"

/** @typedef {import("../types.js").Attachment} Attachment */

/**
 * @param {Blob} content
 * @param {string} name
 * @param {import("./sending.js").Sending} options
 * @returns {Promise<Attachment>} Rejects with an ApiError
 */
export async function sendFile(content, name, options) {
  return known(await sendForm("api/files", content, name, options))
}

/** @param {Attachment} attachment */
export function addressOf({ file, name }) {
  return `api/files/${encodeURIComponent(file)}?name=${encodeURIComponent(name)}`
}

/** What a message says of a file. @param {Attachment} stored */
function known({ file, name, type, size }) {
  return { file, name, type, size }
}
