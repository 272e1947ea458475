/** @file Cuts a text for a voice: some browsers stop in the middle of what is long. */

const LONGEST = 240 // characters
const ENDS = /(?<=[.!?…:;][)"'”’»]*)\s+|(?<=[。！？])|\n+/u

/** @param {string} text @returns {string[]} pieces that end where a sentence does, or at least a word */
export function sentences(text) {
  /** @type {string[]} */
  const pieces = []
  for (const part of text.split(ENDS).flatMap((sentence) => parts(sentence.trim()))) {
    const last = pieces[pieces.length - 1]
    if (last !== undefined && last.length + part.length < LONGEST) pieces[pieces.length - 1] = `${last} ${part}`
    else pieces.push(part)
  }
  return pieces
}

/** @param {string} sentence */
function parts(sentence) {
  const found = []
  let rest = sentence
  while (rest.length > LONGEST) {
    const space = rest.lastIndexOf(" ", LONGEST)
    const end = space > 0 ? space : LONGEST
    found.push(rest.slice(0, end))
    rest = rest.slice(end).trim()
  }
  return rest ? [...found, rest] : found
}
