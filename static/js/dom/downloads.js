/** @file A file made of what is on the page. */

import { h } from "./h.js"

/** @param {string} text @param {string} name */
export function saveText(text, name) {
  const href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }))
  h("a", { href, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 60_000) // a slow disk may still ask for it
}
