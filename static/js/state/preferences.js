/** @file What a person prefers, kept by this browser: read by the parts of the page that go by it. */

import { signal } from "../lib/signal.js"
import { keep, kept } from "./kept.js"

/** Enter sends, and Shift+Enter breaks the line; else Ctrl+Enter sends. Where there are no keys, Enter never sends. */
export const enterSends = preference("llmchat.enter-sends", true)

/** A long text that is pasted becomes a file. */
export const longPaste = preference("llmchat.long-paste", true)

/** The view stays at the start of a new answer; else it follows it to its end. */
export const staysAtStart = preference("llmchat.answer-start", false)

/** A diagram is drawn as soon as its code is there; else when that is asked for. */
export const drawsDiagrams = preference("llmchat.diagrams", false)

/**
 * A switch that other tabs follow.
 *
 * @param {string} key
 * @param {boolean} standard
 */
function preference(key, standard) {
  const read = () => ({ on: true, off: false })[kept(key) ?? ""] ?? standard
  const value = signal(read())
  globalThis.addEventListener?.("storage", (event) => {
    if (event.key === key) value.set(read())
  })
  return {
    get: value.get,
    /** @param {boolean} next */
    set(next) {
      value.set(next)
      keep(key, next === standard ? null : next ? "on" : "off")
    },
  }
}
