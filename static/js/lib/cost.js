/** @file What answers took and may have cost, in US dollars: an estimate from prices of a million tokens. */

import { sum } from "./context.js"
import { currentLocale } from "./t.js"

/** @typedef {import("../types.js").Price} Price @typedef {import("../types.js").Usage} Usage */
/** @typedef {import("../types.js").Message} Message @typedef {import("../types.js").Model} Model */

const MILLION = 1_000_000
const SMALL = 0.01 // below it, two digits that count are shown

/** @param {Price|null|undefined} price @param {Usage|null|undefined} usage @returns {number|null} where it is not known */
export function costOf(price, usage) {
  const { prompt_tokens: prompt, completion_tokens: completion, cached_tokens: told } = usage ?? {}
  if (!price || prompt == null && completion == null) return null
  const cached = Math.min(told ?? 0, prompt ?? 0)
  return (((prompt ?? 0) - cached) * price.prompt + cached * (price.cached ?? price.prompt)
    + (completion ?? 0) * price.completion) / MILLION
}

/** @param {number} amount */
export function dollars(amount) {
  const digits = amount > 0 && amount < SMALL
    ? { maximumSignificantDigits: 2 }
    : { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  return new Intl.NumberFormat(currentLocale(), { style: "currency", currency: "USD", ...digits }).format(amount)
}

/** @param {Message} message @param {Model[]} models @returns {Price|null} */
export function priceOf({ model, endpoint }, models) {
  return models.find((one) => one.id === model && one.endpoint === endpoint)?.price ?? null
}

/**
 * Of all answers of a chat, those on other branches too; null where there is only one.
 *
 * @param {Message[]} messages
 * @param {Model[]} models
 * @returns {{tokens: number, cost: number|null}|null} the cost of those whose price is known
 */
export function totalOf(messages, models) {
  const counted = messages.filter(({ role, usage }) => role === "assistant" && usage)
  if (counted.length < 2) return null
  const costs = counted.map((one) => costOf(priceOf(one, models), one.usage)).filter((cost) => cost !== null)
  const tokens = counted.map(({ usage }) => (usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0))
  return { tokens: sum(tokens), cost: costs.length ? sum(costs) : null }
}
