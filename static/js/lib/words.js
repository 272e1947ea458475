/** @file What the page says about an answer, in words. */

import { placeName } from "./status.js"
import { wholeText, wholeThoughts } from "./whole.js"

/** @typedef {import("../types.js").Reply} Reply */

const number = new Intl.NumberFormat("en")

/** What to call an endpoint. @param {import("../types.js").Endpoint} endpoint */
export function endpointName({ kind, name }) {
  return kind === "embedded" ? "Built in" : name
}

/** Whether an answer may come from one of several places: then it says from which. @param {import("../types.js").Models} models */
export function isOneOfSeveral({ endpoints }) {
  return endpoints.filter((one) => one.kind !== "embedded").length > 1
}

/** Which model will answer a new chat, and why. @param {import("../types.js").Models} models */
export function introduction({ data, default: standard, reason, endpoints }) {
  const model = data.find((one) => one.default)
  if (model?.kind === "embedded") {
    return `${reason ?? ""} It is tiny and often wrong: a demonstration that needs no network. `
      + "For real work start Ollama or another model server, or set OPENAI_BASE_URL."
  }
  const failed = endpoints.find((one) => one.kind === "configured" && one.error)
  if (failed) return failed.error ?? ""
  return standard && reason ? `${standard} answers. ${reason}` : ""
}

/** That the chosen model does not answer. @param {string|null} chosen @param {import("../types.js").Models} models */
export function replacement(chosen, { data, default: standard }) {
  if (chosen === null || data.some((model) => model.id === chosen)) return null
  return `${chosen} is not there any more${standard ? `; ${standard} answers` : ""}.`
}

/** What a deletion takes away. @param {number} count messages, with the one that was chosen */
export function whatGoes(count) {
  if (count === 1) return "This message will be deleted. It cannot be brought back."
  const others = count - 1
  return `This message and ${number.format(others)} below it will be deleted. They cannot be brought back.`
}

/** @param {number} bytes */
export function fileSize(bytes) {
  if (bytes < 1000) return `${bytes} B`
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"]
  return `${size.toFixed(size < 10 ? 1 : 0)} ${unit}`
}

/** @param {number|null} seconds */
export function thought(seconds) {
  if (seconds === null || seconds < 0.95) return "Thought"
  return `Thought for ${Math.round(seconds)} s`
}

/** The numbers below an answer: what is not known is left out. @param {Reply} reply */
export function stats({ done, usage, before }) {
  if (!done) return ""
  const tokens = usage?.completion_tokens
  const { first_token_seconds: first = null, total_seconds: total = 0 } = done.timings ?? {}
  const writing = first === null ? 0 : total - first
  return [
    done.model,
    before && "continued",
    tokens && `${number.format(tokens)} ${tokens === 1 ? "token" : "tokens"}`,
    tokens && tokens > 1 && writing > 0.01 && `${((tokens - 1) / writing).toFixed(1)} tok/s`,
    first !== null && `first token ${first.toFixed(first < 0.1 ? 2 : first < 10 ? 1 : 0)} s`,
  ].filter(Boolean).join("\u00a0· ") // no line begins with a dot
}

/** Who answered, and instead of whom; null where that is not known. @param {Reply} reply */
export function whoAnswered({ done, first }) {
  if (!done?.endpoint) return null
  const instead = first && first !== done.endpoint ? placeName(first) : null
  return { place: placeName(done.endpoint), instead }
}

/** How an answer ended, where the text alone does not say so. @param {Reply} reply */
export function ending(reply) {
  const { done, tools, content } = reply
  const reason = done?.finish_reason
  const text = wholeText(reply)
  if (reason === "cancelled") return "Stopped."
  if (reason === "length" && !text) return "The length limit was met before the answer began."
  if (reason === "length") return "Cut at the length limit."
  if (reason === "content_filter") return "The provider's content filter ended the answer."
  if (tools.length) return `The model asked for tools (${tools.join(", ")}), which are not run here.`
  if (done && !text && !wholeThoughts(reply)) return "The model gave an empty answer."
  if (done && text && !content) return "The model had nothing to add."
  return ""
}

/** What has not been said by an event, when the job is gone. */
export const LOST = {
  code: "interrupted",
  message: "The server no longer knows this answer; it was probably restarted. "
    + "What had arrived is kept.",
  retryable: true,
}
