import assert from "node:assert/strict"
import { test } from "node:test"
import "./english.js"
import { costOf, dollars, totalOf } from "../../static/js/lib/cost.js"
import { barsOf, roof } from "../../static/js/lib/plot.js"
import { sumOf, sumsBy } from "../../static/js/lib/statistics.js"

test("what was read again may cost less, and no more was read again than was read", () => {
  const price = { prompt: 2, completion: 10, cached: 0.5 }
  const usage = { prompt_tokens: 1000, completion_tokens: 500, cached_tokens: 400 }
  assert.equal(costOf(price, usage), (600 * 2 + 400 * 0.5 + 500 * 10) / 1e6)
  assert.equal(costOf({ prompt: 2, completion: 10 }, usage), (1000 * 2 + 500 * 10) / 1e6)
  assert.equal(costOf(price, { ...usage, cached_tokens: 9000 }), (1000 * 0.5 + 500 * 10) / 1e6)
  assert.equal(costOf(null, usage), null)
  assert.equal(costOf(price, {}), null)
  assert.equal(costOf({ prompt: 0, completion: 0 }, usage), 0)
})

test("small amounts keep two digits that count", () => {
  assert.deepEqual([0, 0.000357, 0.0149, 1234.5].map(dollars), ["$0.00", "$0.00036", "$0.01", "$1,234.50"])
})

test("a chat has the cost of the answers whose price is known", () => {
  const answer = (model, completion_tokens) => ({ role: "assistant", model, endpoint: "e", usage: { prompt_tokens: 10, completion_tokens } })
  const models = [{ id: "a", endpoint: "e", price: { prompt: 1, completion: 1 } }, { id: "b", endpoint: "e" }]
  assert.equal(totalOf([answer("a", 5)], models), null)
  assert.deepEqual(totalOf([answer("a", 5), { role: "user" }, answer("b", 7)], models), { tokens: 32, cost: 15 / 1e6 })
  assert.deepEqual(totalOf([answer("b", 5), answer("b", 7)], models), { tokens: 32, cost: null })
})

test("each day has a bar, and each seven days when there are many", () => {
  const bars = barsOf("2026-03-28", "2026-04-03", [{ day: "2026-03-29", value: 2 }, { day: "2026-03-29", value: 3 }, { day: "2027-01-01", value: 9 }])
  assert.deepEqual(bars.map(({ value }) => value), [0, 5, 0, 0, 0, 0, 0])
  const weeks = barsOf("2026-01-01", "2026-12-31", [{ day: "2026-12-31", value: 1 }])
  assert.equal(weeks.length, 53)
  assert.deepEqual(weeks[52], { from: "2026-12-31", to: "2026-12-31", value: 1 })
  assert.deepEqual([[], [0], [1], [3], [0.0007], [200], [201]].map(roof), [1, 1, 1, 5, 0.001, 200, 500])
})

test("means count by what they are of, and what is not known is not zero", () => {
  const item = { day: "d", endpoint: "e", failed: 0, cached_tokens: 0, prompt_tokens: 100, first_token_seconds: null, cost: null }
  const items = [
    { ...item, model: "a", answers: 1, completion_tokens: 100, tokens_per_second: 10 },
    { ...item, model: "a", answers: 1, completion_tokens: 300, tokens_per_second: 50 },
    { ...item, model: "b", answers: 3, completion_tokens: 0, tokens_per_second: null, cost: 2 },
  ]
  assert.equal(sumOf(items).speed, 40)
  assert.equal(sumOf(items).first, null)
  const [a, b] = sumsBy(items, ({ model }) => model)
  assert.deepEqual([a.name, a.answers, a.tokens, a.cost], ["a", 2, 600, null])
  assert.deepEqual([b.name, b.speed, b.cost], ["b", null, 2])
})
