/** @file What a key means in a list whose rows can be gone through, changed and chosen. */

/**
 * @typedef {{to: "next"|"previous"|"first"|"last", extend: boolean}} Move
 * @typedef {"toggle"|"all"|"leave"|"rename"|"delete"} Wish
 */

/** @type {Record<string, Move["to"]>} */
const MOVES = { ArrowDown: "next", ArrowUp: "previous", Home: "first", End: "last" }

/**
 * @param {{key: string, shiftKey: boolean, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} event
 * @param {boolean} choosing whether rows are being chosen
 * @returns {Move|Wish|null}
 */
export function wishOf({ key, shiftKey, ctrlKey, altKey, metaKey }, choosing) {
  if (altKey) return null
  if (ctrlKey || metaKey) return choosing && key === "a" ? "all" : null
  if (key in MOVES) return { to: MOVES[key], extend: shiftKey }
  if (key === "Delete") return "delete"
  if (choosing) return key === " " ? "toggle" : key === "Escape" ? "leave" : null
  return key === "F2" ? "rename" : null
}
