/** @file The title of the tab, and the mark before it for what has come while nobody looked. */

let title = document.title
let count = 0

/** @param {string} text */
export function setTitle(text) {
  title = text
  show()
}

/** @param {number} number of answers; 0: no mark */
export function markTitle(number) {
  count = number
  show()
}

function show() {
  document.title = count ? `(${count}) ${title}` : title
}
