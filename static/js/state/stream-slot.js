/** @file A browser has six connections to a server in all: its tabs share four for their streams. */

const MOST_STREAMS = 4

/**
 * Without Web Locks (plain http over a network) each visible tab has its stream.
 *
 * @returns {Promise<(() => void)|null>} gives the slot back; null when all are taken
 */
export async function takeSlot() {
  if (!navigator.locks) return () => {}
  for (let number = 0; number < MOST_STREAMS; number++) {
    const giveBack = await lock(`llmchat.stream.${number}`)
    if (giveBack) return giveBack
  }
  return null
}

/** @param {string} name @returns {Promise<(() => void)|null>} */
function lock(name) {
  return new Promise((resolve) => {
    navigator.locks.request(name, { ifAvailable: true }, (held) => {
      if (!held) return resolve(null)
      return new Promise((release) => resolve(() => release(undefined)))
    }).catch(() => resolve(() => {})) // a document that may not lock
  })
}
