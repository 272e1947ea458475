/** @file The text that search found: cut so that the first hit is seen, and what the prefixes are. */

/** @typedef {import("./search-api.js").Part} Part */

const MOST_BEFORE = 40 // characters ahead of the first hit

/** What may stand in a search besides words, for people. */
export const PREFIXES = /** @type {[string, import("../words/en.js").Key & `prefix.${string}`][]} */ ([
  ["pinned:", "prefix.pinned"],
  ["archived:", "prefix.archived"],
  ["model:", "prefix.model"],
  ["project:", "prefix.project"],
  ["before:", "prefix.before"],
  ["after:", "prefix.after"],
])

/**
 * Lines become spaces, neighbours of a kind become one, and a long beginning is cut.
 *
 * @param {Part[]} parts
 * @returns {Part[]}
 */
export function shownParts(parts) {
  /** @type {Part[]} */
  const shown = []
  for (const { text, hit } of parts) {
    const last = shown[shown.length - 1]
    if (last?.hit === hit) last.text += flat(text)
    else if (text) shown.push({ text: flat(text), hit })
  }
  const [first] = shown
  if (first && !first.hit && shown.length > 1) first.text = ending(first.text)
  return shown
}

/** @param {string} text */
function flat(text) {
  return text.replace(/\s+/g, " ")
}

/** @param {string} text */
function ending(text) {
  const characters = Array.from(text)
  if (characters.length <= MOST_BEFORE) return text
  const cut = characters.slice(-MOST_BEFORE).join("")
  const space = cut.indexOf(" ")
  return "…" + (space < 0 ? cut : cut.slice(space + 1))
}
