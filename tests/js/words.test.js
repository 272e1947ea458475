import assert from "node:assert/strict"
import { test } from "node:test"

import { emptyReply } from "../../static/js/lib/reply.js"
import { safeUrl } from "../../static/js/lib/url.js"
import { ending, madeRoom, replacement, stats, thought, waiting } from "../../static/js/lib/words.js"

test("the status line says what is waited for, and for how long", () => {
  assert.equal(waiting(null, 0), "Sending")
  assert.equal(waiting({ state: "queued", position: 3, eta_seconds: 11.2 }, 1), "In the queue, number 3, about 12 s")
  assert.equal(waiting({ state: "loading", model: "m" }, 4.9), "Loading m · 4 s")
  assert.equal(waiting({ state: "reading", progress: 0.42 }, 0), "Reading the question 42 %")
  assert.equal(waiting({ state: "running", model: "m" }, 0), "Waiting for m")
  assert.equal(waiting({ state: "retrying", reason: "It is busy." }, 0), "It is busy. Trying again")
  assert.equal(waiting({ state: "restarted" }, 0), "The worker was restarted. Asking again")
})

test("the numbers below an answer are those that are known", () => {
  const timings = { queue_seconds: 0, first_token_seconds: 0.44, total_seconds: 5.44 }
  const done = { finish_reason: "stop", model: "m", timings }
  const reply = { ...emptyReply(), done, usage: { completion_tokens: 1001 } }
  assert.equal(stats(reply), "m · 1,001 tokens · 200.0 tok/s · first token 0.4 s")
  assert.equal(stats({ ...reply, usage: null }), "m · first token 0.4 s")
  assert.equal(stats(emptyReply()), "")
})

test("an end that the text does not show is told", () => {
  const ended = (finish_reason, more) => ending({ ...emptyReply(), content: "x", done: { finish_reason }, ...more })
  assert.equal(ended("stop"), "")
  assert.equal(ended("cancelled"), "Stopped.")
  assert.match(ended("length"), /length limit/)
  assert.match(ended("stop", { content: "" }), /empty/)
  assert.match(ended("tool_calls", { tools: ["clock"] }), /clock/)
})

test("thinking is told in whole seconds", () => {
  assert.equal(thought(null), "Thought")
  assert.equal(thought(0.2), "Thought")
  assert.equal(thought(7.6), "Thought for 8 s")
})

test("only addresses for people become links", () => {
  assert.equal(safeUrl("https://e.org/a?b=c"), "https://e.org/a?b=c")
  assert.equal(safeUrl("mailto:a@e.org"), "mailto:a@e.org")
  for (const text of ["javascript:x", "java\nscript:x", "JaVaScRiPt:x", " \u0001javascript:x", "data:text/html,x",
    "vbscript:x", "file:///etc", "blob:https://e.org/1", "/relative", "#anchor", "//e.org", ""]) {
    assert.equal(safeUrl(text), null, text)
  }
})

test("another model does not answer without a word", () => {
  const models = { data: [{ id: "echo" }], default: "echo", reason: null, endpoints: [], ready: true }
  assert.equal(replacement("gone", models), "gone is not there any more; echo answers.")
  assert.equal(replacement("gone", { ...models, data: [], default: null }), "gone is not there any more.")
  assert.equal(replacement("echo", models), null)
  assert.equal(replacement(null, models), null)
})

test("a chat that made room is told with the true reason", () => {
  assert.match(madeRoom({ title: "x", many: true }), /keeps 200 chats/)
  assert.match(madeRoom({ title: "x", many: false }), /storage is full/)
})
