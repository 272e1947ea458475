/** @file What the card of a tool says. */

import { t } from "./t.js"

/** @typedef {import("../types.js").ToolRun} ToolRun */

// As in llmchat/tools/plain.py: what is not seen, or turns the direction of a text.
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g

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
