/** @file Where maths is in a text: `$..$`, `$$..$$`, `\(..\)` and `\[..\]`, each only once it is closed. */

/** @typedef {{close: string, display: boolean, strict: boolean}} Kind `strict`: "$" is also for money */

const KINDS = /** @type {Record<string, Kind>} */ ({
  "$$": { close: "$$", display: true, strict: false },
  "$": { close: "$", display: false, strict: true },
  "\\(": { close: "\\)", display: false, strict: false },
  "\\[": { close: "\\]", display: true, strict: false },
})
const BLOCKS = ["$$", "\\["]
const WORD = /[\p{L}\p{N}]/u

/** What was searched in vain, so that many openings without an end cost one search. @type {WeakMap<object, Record<string, [number, number]>>} */
const failures = new WeakMap()

/** @param {any} parser */
export function mathRules(parser) {
  parser.inline.ruler.before("escape", "math_inline", inline)
  parser.block.ruler.before("fence", "math_block", block, { alt: ["paragraph", "reference", "blockquote", "list"] })
}

/** @param {any} state @param {boolean} silent @returns {boolean} */
function inline(state, silent) {
  const { src, pos } = state
  const open = src.startsWith("$$", pos) ? "$$" : src[pos] === "$" ? "$" : src.slice(pos, pos + 2)
  const kind = Object.hasOwn(KINDS, open) ? KINDS[open] : null
  if (!kind || (kind.strict && !opens(src, pos))) return false
  const end = closing(state, open, kind, pos + open.length)
  if (end < 0) return false
  if (!silent) push(state, "math_inline", src.slice(pos + open.length, end), open, kind)
  state.pos = end + kind.close.length
  return true
}

/** @param {string} src @param {number} pos of a "$" */
function opens(src, pos) {
  return !/[\s$]/.test(src[pos + 1] ?? " ") && !(pos > 0 && (WORD.test(src[pos - 1]) || src[pos - 1] === "$"))
}

/** @param {any} state @param {string} open @param {Kind} kind @param {number} from @returns {number} */
function closing(state, open, kind, from) {
  const failed = failuresOf(state)
  const [since, until] = failed[open] ?? [Infinity, 0]
  if (from >= since && state.posMax <= until) return -1
  const text = state.src
  for (let at = text.indexOf(kind.close, from); at >= 0 && at < state.posMax; at = text.indexOf(kind.close, at + 1)) {
    if (escaped(text, at, from)) continue
    if (kind.strict && !closes(text, at)) continue
    return WORD.test(text.slice(from, at)) ? at : -1
  }
  failed[open] = [from, state.posMax]
  return -1
}

/** @param {object} state */
function failuresOf(state) {
  let failed = failures.get(state)
  if (!failed) failures.set(state, failed = {})
  return failed
}

/** @param {string} text @param {number} at @param {number} from */
function escaped(text, at, from) {
  let slashes = 0
  while (at - slashes > from && text[at - slashes - 1] === "\\") slashes++
  return slashes % 2 === 1
}

/** @param {string} text @param {number} at of a "$" */
function closes(text, at) {
  return !/\s/.test(text[at - 1]) && !WORD.test(text[at + 1] ?? " ") && text[at + 1] !== "$"
}

/** @param {any} state @param {number} start @param {number} limit @param {boolean} silent @returns {boolean} */
function block(state, start, limit, silent) {
  if (state.sCount[start] - state.blkIndent >= 4) return false
  const first = state.bMarks[start] + state.tShift[start]
  const open = BLOCKS.find((one) => state.src.startsWith(one, first))
  if (!open) return false
  const kind = KINDS[open]
  const end = lastLine(state, open, kind, start, limit)
  if (end < 0) return false
  if (silent) return true
  const text = end > limit ? "" : state.getLines(start, end + 1, state.blkIndent, false).trim()
  state.line = Math.min(end + 1, limit)
  const token = push(state, "math_block", text.slice(open.length, -kind.close.length), open, kind)
  token.map = [start, state.line]
  if (end > limit) token.meta = { pending: true }
  return true
}

/**
 * The line that ends the maths, before any empty one; -1 for none. While the text still grows
 * (`env.grows`), it is beyond the limit where the end may still come.
 *
 * @param {any} state @param {string} open @param {Kind} kind @param {number} start @param {number} limit
 * @returns {number}
 */
function lastLine(state, open, kind, start, limit) {
  const failed = failuresOf(state)
  const [since, until] = failed[open] ?? [Infinity, 0]
  if (start >= since && start < until) return -1
  const body = state.bMarks[start] + state.tShift[start] + open.length
  let at = state.src.indexOf(kind.close, body)
  let line = start
  for (; line < limit; line++) {
    if (line > start && (state.isEmpty(line) || state.sCount[line] < state.blkIndent)) break
    const end = state.skipSpacesBack(state.eMarks[line], state.bMarks[line])
    if (at < 0 || at + 2 > end) continue
    // Something after the end on its line, or no maths before it: then it stands in a paragraph.
    if (at + 2 < end || !WORD.test(state.src.slice(body, at))) break
    return line
  }
  if (state.env.grows && state.level === 0 && line === state.lineMax) return limit + 1
  failed[open] = [start, line]
  return -1
}

/** @param {any} state @param {string} type @param {string} content @param {string} open @param {Kind} kind */
function push(state, type, content, open, kind) {
  const token = state.push(type, "math", 0)
  token.content = content
  token.markup = open
  token.info = kind.display ? "block" : ""
  return token
}
