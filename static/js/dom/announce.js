/** @file What a screen reader is told: quietly for states, at once for failures. */

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
  if (failed) alarm(failed.message)
  else announce(done?.finish_reason === "cancelled" ? "Stopped" : "The answer is complete")
}

/** @param {string} selector @param {string} text */
function say(selector, text) {
  const region = document.querySelector(selector)
  if (region) region.textContent = text
}
