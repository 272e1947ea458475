/** @file Links without a scheme that begin with "www.", as GFM has them. */

const REST = /[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?:[/?#:][^\s<]*)?/iy
const UNDERSCORE = /_[^.]*(?:\.[^.]*)?$/ // in one of the last two labels of a host
const BEFORE = /[\s*_~("']/
const TRAILING = new Set("?!.,:;*_~'\"")

/** @param {any} parser */
export function webAddresses(parser) {
  parser.linkify.add("www.", { validate, normalize })
}

/** @param {string} text @param {number} position behind the "www." @returns {number} characters that belong to it */
function validate(text, position) {
  const start = position - 4
  if (start > 0 && !BEFORE.test(text[start - 1])) return 0
  REST.lastIndex = position
  const found = REST.exec(text)
  if (!found || UNDERSCORE.test(found[0].split(/[/?#:]/, 1)[0])) return 0
  return trimmed(found[0])
}

/** @param {any} match */
function normalize(match) {
  match.url = `http://${match.url}`
}

/** Without the punctuation of the sentence, and a ")" that closes nothing in it. @param {string} text */
function trimmed(text) {
  let end = text.length
  let open = text.split("(").length - text.split(")").length
  for (; end > 0; end--) {
    const last = text[end - 1]
    if (last === ")" && open < 0) open++
    else if (!TRAILING.has(last)) break
  }
  return end
}
