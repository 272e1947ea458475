/** @file Locks that the tabs of a browser share: Web Locks, or on plain http leases in localStorage. */

import { newId } from "../lib/chats.js"
import { keep, kept } from "./kept.js"

const RENEW_MILLISECONDS = 2000
const STALE_MILLISECONDS = 7000 // whoever has not renewed it for so long is gone
const SETTLE_MILLISECONDS = 60 // until a lease that another tab writes at the same time is seen
const AGAIN_MILLISECONDS = 1000

/** @typedef {() => void} Release */

/** @param {string} name @returns {Promise<Release|null>} null: another tab has it */
export function tryLock(name) {
  return navigator.locks ? webLock(name, { ifAvailable: true }) : lease(name)
}

/** As soon as no other tab has it. @param {string} name @param {AbortSignal} signal @returns {Promise<Release|null>} null: nobody waits any more */
export async function waitForLock(name, signal) {
  if (navigator.locks) return webLock(name, { signal })
  while (!signal.aborted) {
    const release = await lease(name)
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

/** Two tabs may rarely get the same one: each use of a lock has to bear that. @param {string} name @returns {Promise<Release|null>} */
async function lease(name) {
  const key = keyOf(name)
  const mine = newId()
  if (isHeld(kept(key), Date.now())) return null
  if (!write(key, mine)) return () => {} // a browser that keeps nothing
  await pause(SETTLE_MILLISECONDS * (1 + Math.random()))
  if (ownerOf(kept(key)) !== mine) return null
  const timer = setInterval(() => {
    if (ownerOf(kept(key)) === mine) write(key, mine)
  }, RENEW_MILLISECONDS)
  const release = () => {
    clearInterval(timer)
    removeEventListener("pagehide", release)
    if (ownerOf(kept(key)) === mine) keep(key, null)
  }
  addEventListener("pagehide", release)
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
