/** @file What a screen reader is told: quietly for states, at once for failures. */

import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"

/** @param {string} text */
export function announce(text) {
  say(".announcer-status", text)
}

/** @param {string} text */
function alarm(text) {
  say(".announcer-alert", text)
}

/** @param {import("../types.js").Reply} reply that has ended */
export function announceEnd({ failed, done }) {
  if (failed) alarm(inOneLine(failed))
  else announce(done?.finish_reason === "cancelled" ? t("told.stopped") : t("told.complete"))
}

/** @param {string} selector @param {string} text */
function say(selector, text) {
  const region = document.querySelector(selector)
  if (region) region.textContent = text
}
