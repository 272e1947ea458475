import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { emptyReply } from "../../static/js/lib/reply.js"
import { safeUrl } from "../../static/js/lib/url.js"
import { contextNote, ending, fileSize, isOneOfSeveral, promptStats, replacement, stats, thought, whatGoes, whoAnswered } from "../../static/js/lib/words.js"

test("the numbers below an answer are those that are known", () => {
  const timings = { queue_seconds: 0, first_token_seconds: 0.44, total_seconds: 5.44 }
  const done = { finish_reason: "stop", model: "m", timings }
  const reply = { ...emptyReply(), done, usage: { completion_tokens: 1001 } }
  assert.equal(stats(reply), "m\u00a0· 1,001 tokens\u00a0· 200.0 tok/s\u00a0· first token 0.4 s")
  assert.equal(stats({ ...reply, usage: null }), "m\u00a0· first token 0.4 s")
  assert.equal(stats({ ...reply, usage: null, before: { content: "x" } }), "m\u00a0· continued\u00a0· first token 0.4 s")
  assert.equal(stats(emptyReply()), "")
})

test("what was read is counted too, and a wait in the queue where there was one", () => {
  const timings = { queue_seconds: 3.21, first_token_seconds: 0.4, total_seconds: 0.4 }
  const done = { finish_reason: "stop", model: "m", timings }
  const told = (usage) => stats({ ...emptyReply(), done, usage })
  assert.equal(told(null), "m\u00a0· queued 3.2 s\u00a0· first token 0.4 s")
  const read = (usage) => promptStats({ ...emptyReply(), done, usage })
  assert.equal(read({ prompt_tokens: 1204 }), "prompt 1,204 tok")
  assert.equal(read({ prompt_tokens: 1204, cached_tokens: 900 }), "prompt 1,204 tok (cached 900)")
  assert.equal(read(null), "")
})

test("the room that a chat has left is spoken of when there is little of it", () => {
  const note = (more) => contextNote({ used: 500, size: 1000, counted: 400, missing: false, ...more }, "m")
  assert.equal(contextNote(null, "m"), "")
  assert.equal(note({}), "")
  assert.equal(note({ size: null, used: 10 ** 9 }), "")
  assert.match(note({ used: 800 }), /80 % of what m can read/)
  assert.match(note({ missing: true }), /read only 400 tokens/)
})

test("who answered is told, and instead of whom", () => {
  const answered = (endpoint, first) => whoAnswered({ ...emptyReply(), first, done: { finish_reason: "stop", endpoint } })
  assert.deepEqual(answered("b", "b"), { place: "b", instead: null })
  assert.deepEqual(answered("b", null), { place: "b", instead: null })
  assert.deepEqual(answered("embedded", "b"), { place: "the built-in model", instead: "b" })
  assert.equal(answered(null, "b"), null)
  assert.equal(whoAnswered(emptyReply()), null)
})

test("the place of an answer matters where there are several, the built-in model not counted", () => {
  const at = (...kinds) => isOneOfSeveral({ endpoints: kinds.map((kind) => ({ kind })) })
  assert.equal(at("configured", "embedded"), false)
  assert.equal(at("configured", "configured"), true)
  assert.equal(at("discovered", "discovered", "embedded"), true)
})

test("an end that the text does not show is told", () => {
  const ended = (finish_reason, more) => ending({ ...emptyReply(), content: "x", done: { finish_reason }, ...more })
  assert.equal(ended("stop"), "")
  assert.equal(ended("cancelled"), "Stopped.")
  assert.equal(ended("length"), "Cut at the length limit.")
  assert.match(ended("length", { content: "" }), /before the answer began/)
  assert.equal(ended("stop", { content: "", before: { content: "x" } }), "The model had nothing to add.")
  assert.match(ended("stop", { content: "" }), /empty/)
  assert.match(ended("tool_calls", { tools: ["clock"] }), /clock/)
  assert.match(ended("tool_calls"), /asked for tools/)
  assert.match(ended("content_filter"), /content filter/)
  assert.equal(ended("other:abort"), "The endpoint ended the answer: abort.")
  assert.equal(ended("unknown"), "")
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

test("what a deletion takes away is counted", () => {
  assert.match(whatGoes(1), /^This message will/)
  assert.match(whatGoes(1235), /^This message and 1,234 below it will/)
})

test("the size of a file is short", () => {
  assert.deepEqual([12, 1234, 45_678, 20_000_000].map(fileSize), ["12 B", "1.2 kB", "46 kB", "20 MB"])
})
