/** @file Chats as a file of the browser's downloads. */

import { exportAddress, exported } from "../lib/transfer-api.js"
import { h } from "./h.js"

const FREE_AGAIN_MS = 60_000 // when the browser surely has begun to read it

/** A zip of these; a browser reads it from the server itself, unless its address would be too long. @param {string[]} ids @returns {Promise<void>} Rejects with an ApiError */
export async function exportChosen(ids) {
  const address = exportAddress(ids)
  if (address) return h("a", { href: address, download: true }).click()
  const url = URL.createObjectURL(await exported(ids))
  h("a", { href: url, download: "chats.zip" }).click()
  setTimeout(() => URL.revokeObjectURL(url), FREE_AGAIN_MS)
}
