/** @file Sums of what the server counts by day and model. */

/**
 * @typedef {{day: string, model: string, endpoint: string, answers: number, failed: number,
 *   prompt_tokens: number, cached_tokens: number, completion_tokens: number,
 *   first_token_seconds: number|null, tokens_per_second: number|null, cost: number|null}} Item
 * @typedef {{since: string, until: string, items: Item[]}} Statistics
 * @typedef {{name: string, answers: number, failed: number, tokens: number, written: number,
 *   first: number|null, speed: number|null, cost: number|null}} Sum
 * @typedef {"tokens"|"cost"|"answers"} Measure
 */

/** Of one measure. @param {Item} item @param {Measure} measure */
export function valueOf(item, measure) {
  if (measure === "tokens") return item.prompt_tokens + item.completion_tokens
  return (measure === "cost" ? item.cost : item.answers) ?? 0
}

/** Of all items. @param {Item[]} items */
export function sumOf(items) {
  return summed("", items)
}

/** Of each name, the one with the most tokens first. @param {Item[]} items @param {(item: Item) => string} name */
export function sumsBy(items, name) {
  /** @type {Map<string, Item[]>} */
  const groups = new Map()
  for (const item of items) groups.set(name(item), [...groups.get(name(item)) ?? [], item])
  return [...groups].map(([key, group]) => summed(key, group)).sort((one, other) => other.tokens - one.tokens || other.answers - one.answers)
}

/** Means count by the answers they are of. @param {string} name @param {Item[]} items @returns {Sum} */
function summed(name, items) {
  /** @param {(item: Item) => number|null} value */
  const total = (value) => items.reduce((sum, item) => sum + (value(item) ?? 0), 0)
  return {
    name, answers: total((one) => one.answers), failed: total((one) => one.failed),
    tokens: total((one) => valueOf(one, "tokens")), written: total((one) => one.completion_tokens),
    first: mean(items, (one) => one.first_token_seconds, (one) => one.answers),
    speed: mean(items, (one) => one.tokens_per_second, (one) => one.completion_tokens),
    cost: items.some(({ cost }) => cost !== null) ? total((one) => one.cost) : null,
  }
}

/** @param {Item[]} items @param {(item: Item) => number|null} value @param {(item: Item) => number} weight */
function mean(items, value, weight) {
  let [sum, weights] = [0, 0]
  for (const item of items) {
    const one = value(item)
    if (one === null) continue
    sum += one * weight(item)
    weights += weight(item)
  }
  return weights ? sum / weights : null
}
