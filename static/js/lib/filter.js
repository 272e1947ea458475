/** @file Narrowing a list by typing. */

/** What is searched for. @param {string} typed */
export function wordsOf(typed) {
  return typed.toLowerCase().split(/\s+/).filter(Boolean)
}

/** @param {string} text @param {string[]} words from `wordsOf` */
export function hasAll(text, words) {
  const lower = text.toLowerCase()
  return words.every((word) => lower.includes(word))
}
