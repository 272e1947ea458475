/** @file Tools that llmchat ran for an answer, and where their cards stand in its text. */

/** @typedef {import("../types.js").ToolRun} ToolRun @typedef {import("../types.js").Message} Message */
/** @typedef {{runs: ToolRun[], text: string}} Section the cards, and the text after them */

/** What an ended answer has left of them. @type {Partial<Record<ToolRun["state"], ToolRun["state"]>>} */
const LEFT = { running: "interrupted", waiting: "skipped", allowed: "skipped", writing: "skipped" }
const LIVE = new Set(["writing", "waiting", "allowed", "running"])

/** Those of a stored answer; what was imported from elsewhere is none. @param {Message} message @returns {ToolRun[]} */
export function runsOf({ content, tool_calls }) {
  return tool_calls.filter(isRun).map(({ id, server, tool, title, state, result, seconds, code, at, function: called }) => ({
    id, server: text(server), tool: text(tool), title: text(title), state: LEFT[/** @type {"running"} */ (state)] ?? state, result: text(result),
    seconds: typeof seconds === "number" ? seconds : null, code: text(code) || null,
    arguments: text(called?.arguments), at: unitsOf(content, at),
  }))
}

/** @param {any} call */
export function isRun(call) {
  return typeof call?.id === "string" && typeof call.state === "string"
}

/** As the server stores them. @param {ToolRun[]} runs @param {string} content */
export function asStored(runs, content) {
  return ended(runs).map(({ at, arguments: written, why: _, description: __, ...run }) => ({
    ...run, at: [...content.slice(0, at)].length, function: { name: run.tool, arguments: written },
  }))
}

/** When nothing more comes of their answer. @param {ToolRun[]} runs @returns {ToolRun[]} */
export function ended(runs) {
  return runs.map((run) => ({ ...run, state: LEFT[run.state] ?? run.state }))
}

/** @param {ToolRun[]} runs */
export function areLive(runs) {
  return runs.some(({ state }) => LIVE.has(state))
}

/**
 * An answer's text, cut where tools were called; the first section has no cards.
 *
 * @param {string} content
 * @param {ToolRun[]} runs in the order of their places
 * @returns {Section[]}
 */
export function sections(content, runs) {
  const places = [...new Set(runs.map(({ at }) => at))]
  const first = { runs: [], text: places.length ? content.slice(0, places[0]) : content }
  return [first, ...places.map((at, index) => ({
    runs: runs.filter((one) => one.at === at),
    text: content.slice(at, places[index + 1]).replace(/^\n+/, ""),
  }))]
}

/** The server counts characters, this language pairs of bytes. @param {string} content @param {unknown} at */
function unitsOf(content, at) {
  return typeof at === "number" && at > 0 ? [...content].slice(0, at).join("").length : 0
}

/** A conversation may come from a file that anybody wrote. @param {unknown} value */
function text(value) {
  return typeof value === "string" ? value : ""
}
