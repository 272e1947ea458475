import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { emptyReply } from "../../static/js/lib/reply.js"
import { canContinue, wholeText, wholeThoughts, wholeThoughtSeconds } from "../../static/js/lib/whole.js"

const before = { content: "one ", reasoning: "hm", thoughtSeconds: 2 }
const ended = (more) => ({ ...emptyReply(), content: "text", ...more })
const failed = (code) => ({ failed: { code, message: "", retryable: true } })

test("an answer is what it goes on from and what came, with nothing in between", () => {
  assert.equal(wholeText({ ...emptyReply(before), content: "two" }), "one two")
  assert.equal(wholeText(emptyReply()), "")
  assert.equal(wholeThoughts({ ...emptyReply(before), reasoning: "m" }), "hm\n\nm")
  assert.equal(wholeThoughts(emptyReply()), "")
})

test("replies that were stored before there were continuations are whole", () => {
  const { before: _, ...old } = ended()
  assert.equal(wholeText(old), "text")
  assert.equal(wholeThoughtSeconds({ ...old, thoughtSeconds: 3 }), 3)
})

test("times of thinking add up where they are known", () => {
  assert.equal(wholeThoughtSeconds({ ...emptyReply(before), thoughtSeconds: 1 }), 3)
  assert.equal(wholeThoughtSeconds(emptyReply(before)), 2)
  assert.equal(wholeThoughtSeconds(emptyReply()), null)
})

test("a text that stops before its end can be continued", () => {
  for (const code of ["interrupted", "worker-crashed", "upstream-cut", "upstream-stalled", "upstream-truncated",
    "upstream-error", "upstream-bad-json", "upstream-bad-utf8", "job-timeout", "storage", "offline", "queue-full"]) {
    assert.ok(canContinue(ended(failed(code))), code)
  }
  for (const finish_reason of ["length", "cancelled"]) assert.ok(canContinue(ended({ done: { finish_reason } })), finish_reason)
})

test("what is complete, empty or too long cannot be continued", () => {
  assert.equal(canContinue(ended({ done: { finish_reason: "stop" } })), false)
  assert.equal(canContinue(ended({ done: { finish_reason: "content_filter" } })), false)
  assert.equal(canContinue(ended({ content: "", reasoning: "hm", ...failed("interrupted") })), false)
  assert.equal(canContinue(ended(failed("upstream-too-large"))), false)
  assert.equal(canContinue(ended()), false)
})

test("a continuation that fails at once can be continued again", () => {
  assert.ok(canContinue({ ...emptyReply(before), ...failed("upstream-unreachable") }))
})
