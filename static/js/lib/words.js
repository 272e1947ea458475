/** @file What the page says about an answer, in words. */

import { isNearlyFull, share } from "./context.js"
import { costOf, dollars } from "./cost.js"
import { inOneLine } from "./problems.js"
import { placeName } from "./status.js"
import { number, serverWords, t } from "./t.js"
import { wholeText, wholeThoughts } from "./whole.js"

/** @typedef {import("../types.js").Reply} Reply */

const LONG_WAIT_SECONDS = 1 // in the queue, from which on it is told
const OTHER = "other:" // before a finish reason that only the endpoint knows

/** What to call an endpoint. @param {import("../types.js").Endpoint} endpoint */
export function endpointName({ kind, name }) {
  if (kind === "local") return t("place.local")
  return kind === "embedded" ? t("place.short") : name
}

/** Whether an answer may come from one of several places: then it says from which. @param {import("../types.js").Models} models */
export function isOneOfSeveral({ endpoints }) {
  return endpoints.filter((one) => one.kind !== "embedded" && one.kind !== "local").length > 1
}

/** Why the default endpoint answers. @param {import("../types.js").Models} models */
export function reasonOf({ data, reason, reason_code: code, endpoints }) {
  const endpoint = data.find((one) => one.default)?.endpoint
  const { name, base_url: url } = endpoints.find((one) => one.name === endpoint) ?? { name: "" }
  return serverWords(code, { name: placeName(name), url: url ?? "" }) ?? reason ?? ""
}

/** Why an endpoint does not answer; empty if it does. @param {import("../types.js").Endpoint} endpoint */
export function troubleOf({ error, code }) {
  return error ? inOneLine({ code, message: error }) : ""
}

/** Which model will answer a new chat, and why. @param {import("../types.js").Models} models */
export function introduction(models) {
  const { data, default: standard, endpoints } = models
  const model = data.find((one) => one.default)
  const reason = reasonOf(models)
  if (model?.kind === "embedded") {
    return `${reason} ${t("welcome.demo")}`
  }
  const failed = endpoints.find((one) => one.kind === "configured" && one.error && (!model || one.name === model.endpoint))
  if (failed) return troubleOf(failed)
  return standard && reason ? t("welcome.answers", { model: standard, reason }) : ""
}

/** That the chosen model does not answer. @param {string|null} chosen @param {import("../types.js").Models} models */
export function replacement(chosen, { data, default: standard }) {
  if (chosen === null || data.some((model) => model.id === chosen)) return null
  return standard ? t("model.replaced", { chosen, model: standard }) : t("model.gone", { chosen })
}

/** What a deletion takes away. @param {number} count messages, with the one that was chosen */
export function whatGoes(count) {
  return count === 1 ? t("delete.alone") : t("delete.more", { others: count - 1 })
}

/** What a model can, as far as it is known. @param {import("../types.js").Model} model */
export function abilitiesOf({ context_window: window, capabilities, price }) {
  return [
    window && t("model.context", { size: Math.round(window / 1024) }),
    capabilities?.vision && t("model.vision"),
    capabilities?.tools && t("model.tools"),
    capabilities?.reasoning && t("model.reasoning"),
    price && (price.prompt || price.completion
      ? t("model.price", { prompt: dollars(price.prompt), completion: dollars(price.completion) }) : t("model.free")),
  ].filter((one) => typeof one === "string")
}

/** @param {number} bytes */
export function fileSize(bytes) {
  if (bytes < 1000) return t("size.b", { size: bytes })
  const [size, key] = /** @type {[number, "size.kb"|"size.mb"|"size.gb"]} */ (
    bytes < 1e6 ? [bytes / 1e3, "size.kb"] : bytes < 1e9 ? [bytes / 1e6, "size.mb"] : [bytes / 1e9, "size.gb"])
  return t(key, { size: number(size, size < 10 ? 1 : 0) })
}

/** @param {number|null} seconds */
export function thought(seconds) {
  if (seconds === null || seconds < 0.95) return t("thought.done")
  return t("thought.time", { seconds: Math.round(seconds) })
}

/** The numbers below an answer: what is not known is left out. @param {Reply} reply @param {import("../types.js").Price|null} [price] */
export function stats({ done, usage, before }, price = null) {
  if (!done) return ""
  const tokens = usage?.completion_tokens
  const { first_token_seconds: first = null, total_seconds: total = 0, queue_seconds: queued = 0 } = done.timings ?? {}
  const writing = first === null ? 0 : total - first
  const cost = costOf(price, usage)
  return [
    done.model,
    before && t("stats.continued"),
    tokens && t("stats.tokens", { count: tokens }),
    tokens && tokens > 1 && writing > 0.01 && t("stats.speed", { speed: number((tokens - 1) / writing, 1) }),
    queued >= LONG_WAIT_SECONDS && t("stats.queued", { seconds: number(queued, queued < 10 ? 1 : 0) }),
    first !== null && t("stats.first", { seconds: number(first, first < 0.1 ? 2 : first < 10 ? 1 : 0) }),
    cost !== null && t("stats.cost", { cost: dollars(cost) }),
  ].filter(Boolean).join("\u00a0· ") // no line begins with a dot
}

/** What all answers of a chat took. @param {import("../types.js").Total|null} total */
export function totalStats(total) {
  if (!total) return ""
  const { tokens, cost } = total
  return cost === null ? t("stats.total", { count: tokens }) : t("stats.totalCost", { tokens, cost: dollars(cost) })
}

/** What was read, besides. @param {Reply} reply */
export function promptStats({ done, usage }) {
  const { prompt_tokens: tokens, cached_tokens: cached } = usage ?? {}
  if (!done || !tokens) return ""
  return cached ? t("stats.promptCached", { tokens, cached }) : t("stats.prompt", { tokens })
}

/** What is to be known of the room that a chat has left, if anything. @param {import("./context.js").Fill|null} fill @param {string} model */
export function contextNote(fill, model) {
  if (!fill) return ""
  if (fill.missing) return t("context.missing", { tokens: fill.counted })
  return isNearlyFull(fill) ? t("context.full", { percent: Math.round((share(fill) ?? 0) * 100), model }) : ""
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
  if (reason === "cancelled") return t("ending.stopped")
  if (reason === "length" && !text) return t("ending.noRoom")
  if (reason === "length") return t("ending.cut")
  if (reason === "tool_limit") return t("ending.toolLimit")
  if (reason === "content_filter") return t("ending.filter")
  if (tools.length) return t("ending.tools", { tools: tools.join(", ") })
  if (reason === "tool_calls") return t("ending.someTools")
  if (reason?.startsWith(OTHER)) return t("ending.other", { reason: reason.slice(OTHER.length) })
  if (done && !text && !wholeThoughts(reply)) return t("ending.empty")
  if (done && text && !content) return t("ending.nothing")
  return ""
}

/** What has not been said by an event, when the job is gone. */
export const LOST = {
  code: "interrupted",
  get message() { return t("answer.lost") },
  retryable: true,
}
