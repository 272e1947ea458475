/** @file A browser has six connections to a server in all: its tabs share three for their streams. */

import { tryLock } from "./lock.js"

const MOST_STREAMS = 3 // one more is that of the changes; two are left for pages and questions

/** @param {() => void} onLost another tab has it now @returns {Promise<(() => void)|null>} gives the slot back; null when all are taken */
export async function takeSlot(onLost) {
  for (let number = 0; number < MOST_STREAMS; number++) {
    const giveBack = await tryLock(`llmchat.stream.${number}`, onLost)
    if (giveBack) return giveBack
  }
  return null
}
