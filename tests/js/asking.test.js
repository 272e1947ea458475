import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { ApiError, secondsOf } from "../../static/js/lib/api.js"
import { secondsToNextTry } from "../../static/js/state/asking.js"

const refusal = (status, wait = null) => new ApiError("", status, "", wait)

test("a server that does not answer is tried a few times, less and less often", () => {
  assert.deepEqual([0, 1, 2, 3, 4].map((count) => secondsToNextTry(refusal(0), count)), [0.5, 1, 2, 4, null])
})

test("a server without room is tried when it says so", () => {
  assert.equal(secondsToNextTry(refusal(503, 7), 0), 7)
  assert.equal(secondsToNextTry(refusal(503, 7), 4), null)
})

test("Retry-After of 0 is no storm", () => {
  assert.equal(secondsToNextTry(refusal(503, 0), 2), 2)
})

test("what only people can mend is not tried again", () => {
  assert.equal(secondsToNextTry(refusal(503), 0), null)
  assert.equal(secondsToNextTry(refusal(503, 3600), 0), null)
  assert.equal(secondsToNextTry(refusal(507, 5), 0), null)
  assert.equal(secondsToNextTry(refusal(422), 0), null)
  assert.equal(secondsToNextTry(new TypeError(), 0), null)
})

test("Retry-After is a number of seconds or a date", () => {
  const now = Date.parse("2026-03-01T12:00:00Z")
  assert.equal(secondsOf("5", now), 5)
  assert.equal(secondsOf("Sun, 01 Mar 2026 12:00:09 GMT", now), 9)
  assert.equal(secondsOf("Sun, 01 Mar 2026 11:00:00 GMT", now), 0)
  assert.equal(secondsOf("soon", now), null)
  assert.equal(secondsOf(null, now), null)
})
