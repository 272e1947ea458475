/** @file What the page says about an answer, in words. */

/** @typedef {import("../types.js").Reply} Reply */

const number = new Intl.NumberFormat("en")

/**
 * The line below a question that has no answer yet.
 *
 * @param {import("../types.js").Status|null} status
 * @param {number} seconds since it was asked
 */
export function waiting(status, seconds) {
  const elapsed = seconds >= 2 ? ` · ${Math.floor(seconds)} s` : ""
  return sentence(status) + elapsed
}

/** @param {import("../types.js").Status|null} status */
function sentence(status) {
  switch (status?.state) {
    case "queued": return queued(status)
    case "loading": return `Loading ${status.model ?? "the model"}${percent(status.progress)}`
    case "reading": return `Reading the question${percent(status.progress)}`
    case "retrying": return `${status.reason ?? "The model did not answer."} Trying again`
    case "restarted": return "The worker was restarted. Asking again"
    case "running": return `Waiting for ${status.model ?? "the model"}`
    default: return "Sending"
  }
}

/** @param {import("../types.js").Status} status */
function queued({ position, eta_seconds }) {
  const place = position ? `In the queue, number ${number.format(position)}` : "In the queue"
  return eta_seconds ? `${place}, about ${Math.ceil(eta_seconds)} s` : place
}

/** @param {number|null|undefined} progress from 0 to 1 */
function percent(progress) {
  return progress === null || progress === undefined ? "" : ` ${Math.round(progress * 100)} %`
}

/** What to call an endpoint. @param {import("../types.js").Endpoint} endpoint */
export function endpointName({ kind, name }) {
  return kind === "embedded" ? "Built in" : name
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

/** That a chat was deleted for a newer one. @param {{title: string, many: boolean}} chat */
export function madeRoom({ title, many }) {
  const why = many ? "this browser keeps 200 chats" : "this browser's storage is full"
  return `The oldest chat, “${title}”, made room: ${why}.`
}

/** @param {number|null} seconds */
export function thought(seconds) {
  if (seconds === null || seconds < 0.95) return "Thought"
  return `Thought for ${Math.round(seconds)} s`
}

/** The numbers below an answer: what is not known is left out. @param {Reply} reply */
export function stats({ done, usage }) {
  if (!done) return ""
  const tokens = usage?.completion_tokens
  const { first_token_seconds: first = null, total_seconds: total = 0 } = done.timings ?? {}
  const writing = first === null ? 0 : total - first
  return [
    done.model,
    tokens && `${number.format(tokens)} ${tokens === 1 ? "token" : "tokens"}`,
    tokens && tokens > 1 && writing > 0.01 && `${((tokens - 1) / writing).toFixed(1)} tok/s`,
    first !== null && `first token ${first.toFixed(first < 0.1 ? 2 : first < 10 ? 1 : 0)} s`,
  ].filter(Boolean).join(" · ")
}

/** How an answer ended, where the text alone does not say so. @param {Reply} reply */
export function ending({ done, tools, content, reasoning }) {
  const reason = done?.finish_reason
  if (reason === "cancelled") return "Stopped."
  if (reason === "length") return "The answer was cut at its length limit. Ask it to go on."
  if (reason === "content_filter") return "The provider's content filter ended the answer."
  if (tools.length) return `The model asked for tools (${tools.join(", ")}), which are not run here.`
  if (done && !content && !reasoning) return "The model gave an empty answer."
  return ""
}

/** What has not been said by an event, when the job is gone. */
export const LOST = {
  code: "interrupted",
  message: "The server no longer knows this answer; it was probably restarted. "
    + "What had arrived is kept: try again to ask anew.",
  retryable: true,
}
