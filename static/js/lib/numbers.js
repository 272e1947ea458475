/** @file The numbers of a branch in view: prices, how full the context is, and what the whole chat took. */

import { fillOf } from "./context.js"
import { priceOf, totalOf } from "./cost.js"

/** @typedef {import("../types.js").Shown} Shown @typedef {import("../types.js").Message} Message */

/**
 * The same messages, the answers with their price, the last one with the numbers of the chat.
 *
 * @param {Shown[]} shown
 * @param {import("../types.js").Model[]} models
 * @param {Message[]} messages all of the chat
 */
export function withNumbers(shown, models, messages) {
  const priced = models.some(({ price }) => price)
  const all = !priced ? shown : shown.map((one) => one.message.role === "assistant" ? { ...one, price: priceOf(one.message, models) } : one)
  const path = all.filter(({ side }) => !side || side.chosen)
  const last = path[path.length - 1]
  if (!last || last.run || last.message.role !== "assistant") return all
  const fill = fillOf(path.map(({ message }) => message), models)
  return all.map((one) => one === last ? { ...last, fill, total: totalOf(messages, models) } : one)
}
