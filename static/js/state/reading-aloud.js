/** @file The answer that is being read aloud, if any: one at a time, by a voice of the browser. */

import { sentences } from "../lib/sentences.js"
import { signal } from "../lib/signal.js"
import { languageOfText } from "../lib/tongues.js"

/** The key of the message that is read; null: nothing is. */
export const reading = signal(/** @type {string|null} */ (null))

/** What is being said: a browser may let go of an utterance that nobody holds, and then never ends it. @type {SpeechSynthesisUtterance[]} */
let said = []

/** Whether this browser has voices at all. */
export function canRead() {
  return Boolean(globalThis.speechSynthesis)
}

/** @param {string} key of the message @param {string} text @param {string} language of the page, where the text does not tell its own */
export function readAloud(key, text, language) {
  stopReading()
  const lang = languageOfText(text, language)
  said = sentences(text).map((sentence) => Object.assign(new SpeechSynthesisUtterance(sentence), { lang }))
  const last = said[said.length - 1]
  if (!last) return
  const mine = said
  const end = () => { if (said === mine) stopReading() }
  last.onend = end
  for (const one of said) one.onerror = end
  reading.set(key)
  addEventListener("pagehide", stopReading)
  addEventListener("keydown", stopByKey, true)
  for (const one of said) speechSynthesis.speak(one)
}

export function stopReading() {
  if (reading.get() === null) return
  said = []
  reading.set(null)
  removeEventListener("pagehide", stopReading)
  removeEventListener("keydown", stopByKey, true)
  speechSynthesis.cancel()
}

/** Escape ends the voice before it stops an answer. @param {KeyboardEvent} event */
function stopByKey(event) {
  if (event.key !== "Escape") return
  event.stopPropagation()
  stopReading()
}
