/** @file The keys that a person has chosen, kept by this browser; other tabs follow. */

import { bound, STANDARD } from "../lib/keys-table.js"
import { signal } from "../lib/signal.js"
import { keep, kept } from "./kept.js"

/** @typedef {import("../lib/keys-table.js").Deed} Deed @typedef {Partial<Record<Deed, string|null>>} Chosen */

const CHOSEN = "llmchat.keys"
const OFF = "llmchat.keys-off"

const state = signal(read())

/** Which keys do what now. @returns {Record<Deed, string|null>} */
export function keysNow() {
  return bound(state.get().chosen)
}

/** Whether they do anything. */
export function keysWork() {
  return !state.get().off
}

/** @param {boolean} work */
export function setKeysWork(work) {
  keep(OFF, work ? null : "1")
  state.set(read())
}

/** @param {Deed} deed @param {string|null} name null: none. Whoever has had these keys has none. */
export function bind(deed, name) {
  const chosen = { ...state.get().chosen }
  for (const [other, keys] of Object.entries(keysNow())) {
    if (keys === name && name) chosen[/** @type {Deed} */ (other)] = null
  }
  set({ ...chosen, [deed]: name })
}

/** As it is by itself. @param {Deed} deed */
export function unbind(deed) {
  bind(deed, STANDARD[deed])
}

export function unbindAll() {
  set({})
}

/** What is as it is by itself is not kept. @param {Chosen} chosen */
function set(chosen) {
  const own = Object.entries(chosen).filter(([deed, name]) => name !== STANDARD[/** @type {Deed} */ (deed)])
  keep(CHOSEN, own.length ? JSON.stringify(Object.fromEntries(own)) : null)
  state.set(read())
}

/** @returns {{chosen: Chosen, off: boolean}} */
function read() {
  return { chosen: parse(kept(CHOSEN)), off: kept(OFF) === "1" }
}

/** What is no choice is left out. @param {string|null} text @returns {Chosen} */
function parse(text) {
  try {
    const found = Object.entries(JSON.parse(text ?? "{}"))
    return Object.fromEntries(found.filter(([deed, name]) => deed in STANDARD && (name === null || typeof name === "string")))
  } catch {
    return {}
  }
}

globalThis.addEventListener?.("storage", ({ key }) => {
  if (key === CHOSEN || key === OFF) state.set(read())
})
