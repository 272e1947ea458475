/** @file What a screen reader is told: quietly for states, at once for failures. */

/** @param {string} text */
export function announce(text) {
  say(".announcer-status", text)
}

/** @param {string} text */
export function alarm(text) {
  say(".announcer-alert", text)
}

/** @param {string} selector @param {string} text */
function say(selector, text) {
  const region = document.querySelector(selector)
  if (region) region.textContent = text
}
