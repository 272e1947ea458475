/** @file How much of what a model can read a chat fills, and whether an endpoint left out a part of it. */

import { toldOf } from "./told.js"

/** @typedef {import("../types.js").Message} Message @typedef {import("../types.js").Model} Model */
/**
 * `used` tokens of the `size` that the model can read (null: not known); `missing`: the endpoint
 * counted so few that it cannot have read all.
 * @typedef {{used: number, size: number|null, counted: number, missing: boolean}} Fill
 */

const FULL = 0.8 // from here on it is warned of
const SHORT = 0.8 // of the least that it must have been
const FEW_TOKENS = 200 // below this a difference says nothing
const WORDS = /[\p{L}\p{M}\p{N}]+/gu
const EAST_ASIAN = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/gu
const TOKENS_PER_EAST_ASIAN = 0.5

/**
 * After the last answer of a branch.
 *
 * @param {Message[]} path
 * @param {Model[]} models
 * @param {import("./chat-settings.js").Settings} [settings]
 * @returns {Fill|null} where nothing was counted
 */
export function fillOf(path, models, settings = {}) {
  const answer = path[path.length - 1]
  const counted = promptTokens(answer)
  if (!answer || answer.state === "running" || counted === null) return null
  const model = models.find(({ id, endpoint }) => id === answer.model && endpoint === answer.endpoint)
  const size = model?.context_window ?? null
  const used = counted + (answer.usage?.completion_tokens ?? 0)
  const sent = path.slice(0, -1)
  const { from, summary, cut } = toldOf(sent, settings, 0)
  // A summary was itself asked with all that it stands for.
  const isPart = cut || summary >= 0 || answer.parameters.compact === true
  const least = isPart ? sum(sent.slice(from).map(({ content }) => leastOf(content))) : leastTokens(sent, answer)
  return { used, size, counted, missing: least > FEW_TOKENS && counted < SHORT * least }
}

/** @param {Fill} fill from 0 to 1, or null where the size is not known */
export function share({ used, size }) {
  return size ? Math.min(1, used / size) : null
}

/** @param {Fill} fill */
export function isNearlyFull(fill) {
  return (share(fill) ?? 0) >= FULL
}

/** Of a question with all that was sent before it. @param {Message|undefined} answer */
function promptTokens(answer) {
  const { prompt_tokens: prompt, cached_tokens: cached } = answer?.usage ?? {}
  return prompt ? Math.max(prompt, cached ?? 0) : null
}

/**
 * What was sent has at least so many tokens: as the model has counted before, and every word since
 * then is one. What was changed since may have been longer or shorter.
 *
 * @param {Message[]} sent
 * @param {Message} answer
 */
function leastTokens(sent, answer) {
  const before = sent.findLastIndex(({ role, model, usage }) => role === "assistant" && model === answer.model && usage?.prompt_tokens)
  const words = sent.map(({ content }) => leastOf(content))
  const all = sum(words)
  if (before < 0 || sent.some(({ edited }) => edited !== null)) return all
  return Math.max(all, (promptTokens(sent[before]) ?? 0) + sum(words.slice(before)))
}

/** Long words are several tokens, so it is never less. @param {string} text */
export function leastOf(text) {
  const eastAsian = text.match(EAST_ASIAN)?.length ?? 0
  const rest = eastAsian ? text.replace(EAST_ASIAN, " ") : text
  return (rest.match(WORDS)?.length ?? 0) + eastAsian * TOKENS_PER_EAST_ASIAN
}

/** @param {number[]} numbers */
export function sum(numbers) {
  return numbers.reduce((one, other) => one + other, 0)
}
