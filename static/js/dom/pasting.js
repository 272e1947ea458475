/** @file What is pasted: files, or a text that is so long that it had better be one. */

import { t } from "../lib/t.js"

const LONG_CHARACTERS = 2500

/**
 * Office programs put a picture beside the text that was copied: then the text is meant.
 *
 * @param {DataTransfer|null} data
 * @returns {{files: File[], text: string}}
 */
export function pastedOf(data) {
  const text = data?.getData("text/plain") ?? ""
  const files = [...data?.files ?? []]
  return text && data?.types.includes("text/html") ? { files: [], text } : { files, text }
}

/** @param {string} text */
export function isLong(text) {
  return text.length > LONG_CHARACTERS
}

/** @param {string} text */
export function fileOf(text) {
  return new File([text], t("files.pastedName"), { type: "text/plain" })
}
