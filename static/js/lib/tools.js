/** @file Tools that llmchat ran for an answer: where their cards stand in its text, and what they say. */

import { t } from "./t.js"

/** @typedef {import("../types.js").ToolRun} ToolRun @typedef {import("../types.js").Message} Message */
/** @typedef {{runs: ToolRun[], text: string}} Section the cards, and the text after them */

/** What an ended answer has left of them. @type {Partial<Record<ToolRun["state"], ToolRun["state"]>>} */
const LEFT = { running: "interrupted", waiting: "skipped", allowed: "skipped", writing: "skipped" }
const LIVE = new Set(["writing", "waiting", "allowed", "running"])
// As in llmchat/tools/plain.py: what is not seen, or turns the direction of a text.
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g

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

/** What to call it. @param {ToolRun} run */
export function nameOf({ title, tool, server }) {
  return title || tool || server
}

/** @param {ToolRun} run */
export function stateOf({ state, tool, seconds, code }) {
  if (!tool) return t("tool.state.unusable")
  const time = !seconds || seconds < 0.1 ? "" : ` · ${t("time.seconds", { seconds: Math.round(seconds * 10) / 10 })}`
  switch (state) {
    case "writing": return t("tool.state.writing")
    case "waiting": return t("tool.state.waiting")
    case "allowed": return t("tool.state.allowed")
    case "running": return t("tool.state.running")
    case "done": return t("tool.state.done") + time
    case "failed": return t("tool.state.failed") + time
    case "denied": return code === "tool-unanswered" ? t("tool.state.unanswered") : t("tool.state.denied")
    case "interrupted": return t("tool.state.interrupted")
    default: return t("tool.state.skipped")
  }
}

/** JSON on lines of its own; what hides in it is written out. @param {string} written */
export function readable(written) {
  try {
    return visible(JSON.stringify(JSON.parse(written), null, 2))
  } catch {
    return visible(written)
  }
}

/** @param {string} said */
function visible(said) {
  return said.replace(HIDDEN, (one) => [...one].flatMap((char) => char.split(""))
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""))
}

/** The server counts characters, this language pairs of bytes. @param {string} content @param {unknown} at */
function unitsOf(content, at) {
  return typeof at === "number" && at > 0 ? [...content].slice(0, at).join("").length : 0
}

/** A conversation may come from a file that anybody wrote. @param {unknown} value */
function text(value) {
  return typeof value === "string" ? value : ""
}
