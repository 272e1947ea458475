/** @file Whether the view stays at the start of a new answer, or follows it to its end. */

import { keep, kept } from "./kept.js"

const KEY = "llmchat.answer-start"

export function staysAtStart() {
  return kept(KEY) === "on"
}

/** @param {boolean} stays */
export function stayAtStart(stays) {
  keep(KEY, stays ? "on" : null)
}
