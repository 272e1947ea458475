/** @file What people are told when something fails: in the language of the page, with what the server said. */

import { serverWords } from "./t.js"

/** @typedef {{code?: string|null, message: string}} Problem */

/** The server speaks English, and has the details: they stay below. @param {Problem} problem @returns {{text: string, detail: string}} */
export function explained({ code, message }) {
  const name = serverWords(code)
  return name ? { text: name, detail: message } : { text: message, detail: "" }
}

/** In one line, for a notice. @param {Problem} problem */
export function inOneLine(problem) {
  const { text, detail } = explained(problem)
  return detail ? `${text} (${detail})` : text
}
