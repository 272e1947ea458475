/** @file Locks that the tabs of a browser share: Web Locks, or on plain http leases in localStorage. */

import { newId } from "../lib/chats.js"
import { keep, kept } from "./kept.js"

const RENEW_MILLISECONDS = 2000
const STALE_MILLISECONDS = 7000 // whoever has not renewed it for so long is gone
const SETTLE_MILLISECONDS = 60 // until a lease that another tab writes at the same time is seen
const AGAIN_MILLISECONDS = 1000

/** @typedef {() => void} Release */

/** @param {string} name @param {() => void} onLost another tab has it now, as only a lease can be lost @returns {Promise<Release|null>} null: another tab has it */
export function tryLock(name, onLost) {
  return navigator.locks ? webLock(name, { ifAvailable: true }) : lease(name, onLost)
}

/** As soon as no other tab has it. @param {string} name @param {AbortSignal} signal @param {() => void} onLost @returns {Promise<Release|null>} null: nobody waits any more */
export async function waitForLock(name, signal, onLost) {
  if (navigator.locks) return webLock(name, { signal })
  while (!signal.aborted) {
    const release = await lease(name, onLost)
    if (release && !signal.aborted) return release
    release?.()
    await released(keyOf(name), signal)
  }
  return null
}

/** @param {string} name @param {LockOptions} options @returns {Promise<Release|null>} */
function webLock(name, options) {
  return new Promise((resolve) => {
    navigator.locks.request(name, options, (held) => {
      if (!held) return resolve(null)
      return new Promise((release) => resolve(() => release(undefined)))
    }).catch((error) => resolve(error.name === "AbortError" ? null : () => {})) // a document that may not lock
  })
}

/** Two tabs that ask at once may both get it: the one that wrote first is told soon. @param {string} name @param {() => void} onLost @returns {Promise<Release|null>} */
async function lease(name, onLost) {
  const key = keyOf(name)
  const mine = newId()
  if (isHeld(kept(key), Date.now())) return null
  if (!write(key, mine)) return () => {} // a browser that keeps nothing
  await pause(SETTLE_MILLISECONDS * (1 + Math.random()))
  return ownerOf(kept(key)) === mine ? hold(key, mine, onLost) : null
}

/** @param {string} key @param {string} mine @param {() => void} onLost @returns {Release} */
function hold(key, mine, onLost) {
  const ended = new AbortController()
  const isMine = () => ownerOf(kept(key)) === mine
  const end = () => {
    clearInterval(timer)
    ended.abort()
  }
  const release = () => {
    end()
    if (isMine()) keep(key, null)
  }
  const look = () => {
    if (isMine()) return true
    end()
    onLost()
    return false
  }
  const timer = setInterval(() => { if (look()) write(key, mine) }, RENEW_MILLISECONDS)
  addEventListener("storage", (event) => { if (event.key === key) look() }, ended)
  addEventListener("pagehide", release, ended)
  return release
}

/** @param {string} key @param {string} owner */
function write(key, owner) {
  return keep(key, `${owner} ${Date.now()}`)
}

/** @param {string|null} text */
function ownerOf(text) {
  return text?.split(" ")[0] ?? null
}

/** @param {string|null} text what is kept @param {number} now */
function isHeld(text, now) {
  const since = Number(text?.split(" ")[1])
  return since > now - STALE_MILLISECONDS && since < now + STALE_MILLISECONDS
}

/** Until its owner gives it back; or a second, as one that crashed does not. @param {string} key @param {AbortSignal} signal */
function released(key, signal) {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      removeEventListener("storage", onStorage)
      signal.removeEventListener("abort", end)
      resolve(undefined)
    }
    const onStorage = (/** @type {StorageEvent} */ event) => {
      if (event.key === key && event.newValue === null) end()
    }
    const timer = setTimeout(end, AGAIN_MILLISECONDS)
    addEventListener("storage", onStorage)
    signal.addEventListener("abort", end)
  })
}

/** @param {string} name */
function keyOf(name) {
  return `${name}.lease`
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
