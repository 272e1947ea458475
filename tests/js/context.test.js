import assert from "node:assert/strict"
import { test } from "node:test"

import { fillOf, isNearlyFull, leastOf, share } from "../../static/js/lib/context.js"
import { isSummary, lineAt, toldOf } from "../../static/js/lib/told.js"

const MODELS = [{ id: "m", endpoint: "e", context_window: 1000 }, { id: "m", endpoint: "other", context_window: 9 }]
const said = (content, more) => ({ role: "user", content, edited: null, state: "done", usage: null, model: null, endpoint: null, parameters: {}, ...more })
const answered = (prompt_tokens, completion_tokens, more) =>
  said("yes", { role: "assistant", model: "m", endpoint: "e", usage: { prompt_tokens, completion_tokens }, ...more })
const words = (count) => "word ".repeat(count)

test("a chat fills what was read and what was answered of the window of its model", () => {
  const fill = fillOf([said("a"), answered(300, 100)], MODELS)
  assert.deepEqual(fill, { used: 400, size: 1000, counted: 300, missing: false })
  assert.equal(share(fill), 0.4)
  assert.equal(isNearlyFull(fill), false)
  assert.equal(isNearlyFull(fillOf([said("a"), answered(700, 100)], MODELS)), true)
})

test("nothing is said of what was not counted, nor of a window that is not known", () => {
  assert.equal(fillOf([], MODELS), null)
  assert.equal(fillOf([said("a")], MODELS), null)
  assert.equal(fillOf([said("a"), answered(null, 10)], MODELS), null)
  assert.equal(fillOf([said("a"), answered(30, 10, { state: "running" })], MODELS), null)
  const fill = fillOf([said("a"), answered(30, 10)], [])
  assert.equal(fill.size, null)
  assert.equal(share(fill), null)
})

test("a prompt that cannot have been read whole is noticed", () => {
  const missing = (...path) => fillOf(path, MODELS).missing
  assert.equal(missing(said(words(3000)), answered(2048, 10)), true)
  assert.equal(missing(said(words(3000)), answered(2900, 10)), false)
  assert.equal(missing(said(words(150)), answered(5, 10)), false, "too few to say")
  assert.equal(missing(said("漢".repeat(8000)), answered(2048, 10)), true)
})

test("what the model has counted before is known better than words are", () => {
  const path = [said("x"), answered(4000, 10), said("y")]
  assert.equal(fillOf([...path, answered(2048, 10)], MODELS).missing, true)
  assert.equal(fillOf([...path, answered(4100, 10)], MODELS).missing, false)
  assert.equal(fillOf([...path, answered(2048, 10, { model: "n" })], MODELS).missing, false, "another model counts otherwise")
  const edited = [said("x", { edited: 1 }), ...path.slice(1)]
  assert.equal(fillOf([...edited, answered(2048, 10)], MODELS).missing, false, "it may have been longer then")
})

test("cached tokens that an endpoint counts apart are read too", () => {
  const usage = { prompt_tokens: 12, completion_tokens: 3, cached_tokens: 4000 }
  assert.equal(fillOf([said(words(3000)), answered(0, 0, { usage })], MODELS).missing, false)
})

test("every word is a token at least", () => {
  assert.equal(leastOf("Two words, naïve-ly: 5."), 5)
  assert.equal(leastOf("漢字 and"), 2)
  assert.equal(leastOf("===== ```"), 0)
})

const summary = (content, more) => answered(10, 10, { content, parameters: { compact: true }, ...more })

test("a summary stands for what is above it once it is whole, or mended", () => {
  assert.ok(isSummary(summary("S")))
  assert.ok(!isSummary(answered(10, 10)))
  for (const state of ["running", "cancelled", "error"]) assert.ok(!isSummary(summary("S", { state })))
  assert.ok(isSummary(summary("S", { state: "cancelled", edited: 1 })))
  assert.ok(!isSummary(summary("")))
})

test("what a model is told begins after the summary, or with so many questions", () => {
  const path = [said("a"), answered(1, 1), said("b"), answered(1, 1)]
  assert.deepEqual(toldOf(path, {}), { from: 0, summary: -1, cut: false })
  assert.deepEqual(toldOf(path, { history: 3 }), { from: 0, summary: -1, cut: false })
  assert.deepEqual(toldOf(path, { history: 2 }), { from: 2, summary: -1, cut: true })
  assert.deepEqual(toldOf(path, { history: 1 }), { from: 4, summary: -1, cut: true })
  const longer = [...path, summary("S"), ...path]
  assert.deepEqual(toldOf(longer, {}), { from: 5, summary: 4, cut: false })
  assert.deepEqual(toldOf(longer, { history: 2 }), { from: 7, summary: 4, cut: true })
  const lines = (all, settings) => all.map((_, index) => lineAt(index, toldOf(all, settings), all.length))
  assert.deepEqual(lines(path, { history: 2 }), [null, null, "cut", null])
  assert.deepEqual(lines(path, { history: 1 }), [null, null, null, "cut-after"])
  assert.deepEqual(lines([...path, summary("S")], {}), [null, null, null, null, "summary"])
})

test("what is not told is not missed", () => {
  const long = [said(words(1000)), answered(1500, 5)]
  assert.ok(fillOf([...long, said("and?"), answered(300, 5)], MODELS).missing)
  assert.ok(!fillOf([...long, summary("short"), said("and?"), answered(30, 5)], MODELS).missing)
  assert.ok(!fillOf([...long, said("and?"), answered(30, 5)], MODELS, { history: 1 }).missing)
  assert.ok(fillOf([...long, summary("short"), said(words(1000)), answered(300, 5)], MODELS).missing)
})
