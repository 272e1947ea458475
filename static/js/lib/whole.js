/** @file An answer in one piece, also where it was cut and continued: each job made a part of it. */

/** @typedef {import("../types.js").Reply} Reply */

/** Failures that would only come again: what there is, is too much to be sent. */
const TOO_LONG = new Set(["upstream-too-large", "too-large", "validation"])

/** @param {Reply} reply */
export function wholeText({ before, content }) {
  return (before?.content ?? "") + content
}

/** @param {Reply} reply */
export function wholeThoughts({ before, reasoning }) {
  return [before?.reasoning, reasoning].filter(Boolean).join("\n\n")
}

/** The calls of tools, in their order. @param {Reply} reply */
export function wholeRuns({ before, runs }) {
  return [...before?.runs ?? [], ...runs]
}

/** How long it was thought in all; null where that is not known. @param {Reply} reply */
export function wholeThoughtSeconds({ before, thoughtSeconds }) {
  const known = [before?.thoughtSeconds, thoughtSeconds].filter((one) => typeof one === "number")
  return known.length ? known.reduce((sum, one) => sum + one, 0) : null
}

/** What a further job goes on from. @param {Reply} reply @returns {import("../types.js").Beginning} */
export function beginningOf(reply) {
  return {
    content: wholeText(reply), reasoning: wholeThoughts(reply), thoughtSeconds: wholeThoughtSeconds(reply),
    runs: wholeRuns(reply),
  }
}

/** Whether there is text that stops before its end. @param {Reply} reply */
export function canContinue(reply) {
  const { done, failed } = reply
  if (done?.finish_reason === "tool_limit") return true
  if (!wholeText(reply)) return false
  if (failed) return !TOO_LONG.has(failed.code)
  return done?.finish_reason === "length" || done?.finish_reason === "cancelled"
}
