/** @file Which part of a branch a model will be told with the next question (llmchat/conversations/history.py does the same). */

/** @typedef {import("../types.js").Message} Message */

/** Whether a message stands for all above it: a summary that is complete, or that a person wrote. @param {Message} message */
export function isSummary({ parameters, state, edited, content }) {
  return parameters.compact === true && (state === "done" || edited !== null) && content !== ""
}

/**
 * `from` is the first message that is told, `summary` the one that stands for what is above it (-1:
 * none), and `cut` whether anything between them is left out.
 *
 * @param {Message[]} path
 * @param {import("./chat-settings.js").Settings} settings
 * @param {number} [more] questions that are not in the path yet
 */
export function toldOf(path, { history }, more = 1) {
  const summary = path.findLastIndex(isSummary)
  const start = summary + 1
  if (!history) return { from: start, summary, cut: false }
  const places = path.map(({ role }, index) => (role === "user" && index >= start ? index : -1)).filter((index) => index >= 0)
  if (places.length + more <= history) return { from: start, summary, cut: false }
  const kept = history - more
  return { from: kept > 0 ? places[places.length - kept] : path.length, summary, cut: true }
}

/** What is drawn at a message: that it stands for all above, or that only what is below (or comes next) is told. @param {number} index @param {ReturnType<typeof toldOf>} told @param {number} length @returns {"summary"|"cut"|"cut-after"|null} */
export function lineAt(index, { from, summary, cut }, length) {
  if (index === summary) return "summary"
  if (cut && index === from) return "cut"
  return cut && from === length && index === length - 1 ? "cut-after" : null
}
