/** @file The parser of answers: CommonMark and GFM, with footnotes and maths. */

import MarkdownIt from "../../vendor/markdown-it.js"
import footnotes from "../../vendor/footnote.js"
import { mathRules } from "./math-rules.js"
import { webAddresses } from "./web-addresses.js"

export const parser = new MarkdownIt({ html: false, linkify: true })
// What is not a link is decided where nodes are made: the label stays, the address goes.
parser.validateLink = () => true
// "main.py" and "node.js" are file names first: only what has a scheme or "www." is a link.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: true, fuzzyIP: false })
parser.use(webAddresses).use(mathRules).use(footnotes)
parser.inline.ruler.disable("footnote_inline") // not of GFM: "^[" is more often an expression
// The notes are gathered by lib/notes.js: an answer is not read as a whole while it grows.
parser.core.ruler.disable("footnote_tail")

const define = parser.block.ruler.getRules("").find((/** @type {Function} */ rule) => rule.name === "footnote_def")

/**
 * The library does not tell which lines are the note, nor that a note inside a quote stays there.
 *
 * @param {any} state @param {number} start @param {number} end @param {boolean} silent
 */
function note(state, start, end, silent) {
  const number = state.tokens.length
  const outside = silent && state.sCount[start] < state.blkIndent // it ends what it does not belong to
  if ((state.level > 0 && !outside) || !define(state, start, end, silent)) return false
  if (!silent) state.tokens[number].map = [start, state.line]
  return true
}
parser.block.ruler.at("footnote_def", note, { alt: ["paragraph", "reference"] })
