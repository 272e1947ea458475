import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { newMessage, ended, replyOf } from "../../static/js/lib/messages.js"
import { emptyReply, ReplyReader } from "../../static/js/lib/reply.js"
import { statusLine } from "../../static/js/lib/status.js"
import { readable, stateOf } from "../../static/js/lib/tool-words.js"
import { areLive, runsOf, sections } from "../../static/js/lib/tools.js"
import { beginningOf, canContinue, wholeRuns } from "../../static/js/lib/whole.js"
import { ending } from "../../static/js/lib/words.js"

const event = (id, name, data) => ({ id, event: name, data })
const run = (id, state, members = {}) => ({ id, server: "time", tool: "now", function: "time__now", state, ...members })

function read(before, ...events) {
  const reader = new ReplyReader(emptyReply(before))
  events.forEach((one, index) => reader.take({ ...one, id: `1-${index + 1}` }, 0))
  return reader.reply
}

test("a call stands where the text was when it began, whatever comes of it", () => {
  const reply = read({ content: "🙂", reasoning: "", thoughtSeconds: null }, event("1-1", "delta", { text: "a" }),
    event("1-2", "tool", run("c", "writing")), event("1-3", "tool", run("c", "done", { result: "42" })),
    event("1-4", "delta", { text: "\n\nb" }), event("1-5", "tool", run("d", "running")))
  assert.deepEqual(reply.runs.map(({ id, state, at }) => [id, state, at]), [["c", "done", 3], ["d", "running", 6]])
  assert.ok(areLive(reply.runs))
  assert.deepEqual(sections("🙂a\n\nb", reply.runs).map(({ runs, text }) => [runs.length, text]), [[0, "🙂a"], [1, "b"], [1, ""]])
  assert.equal(wholeRuns({ ...emptyReply(beginningOf(reply)) }).length, 2)
})

test("what was stored looks as it did live, and no call runs in an answer that has ended", () => {
  const reply = read(null, event("", "delta", { text: "🙂a" }), event("", "tool", run("c", "running", { arguments: "{}" })),
    event("", "done", { finish_reason: "cancelled" }))
  const message = ended(newMessage({ role: "assistant" }), reply)
  assert.deepEqual(message.tool_calls.map(({ state, at, function: { arguments: written } }) => [state, at, written]), [["interrupted", 2, "{}"]])
  assert.equal(replyOf(message).runs[0].at, 3) // in pairs of bytes again
  assert.deepEqual(replyOf(message).tools, []) // those are not run here
})

test("calls from a file that anybody wrote do no harm", () => {
  const calls = [null, "x", { id: 1, state: {} }, { id: "a", function: { name: "f" } },
    { id: "b", state: "odd", server: {}, result: 5, at: -1, seconds: "x" }]
  const runs = runsOf(newMessage({ role: "assistant", content: "text", tool_calls: calls }))
  assert.deepEqual(runs.map(({ id, server, result, at, seconds }) => [id, server, result, at, seconds]), [["b", "", "", 0, null]])
  assert.equal(typeof stateOf(runs[0]), "string")
})

test("nothing hides in arguments", () => {
  assert.equal(readable('{"a":"\\u202eb","c":1}'), '{\n  "a": "\\u202eb",\n  "c": 1\n}')
  assert.equal(readable('{"a": \u{e0041}'), '{"a": \\udb40\\udc41')
})

test("while a tool runs its card says so, and after it that the model is waited for", () => {
  const before = [event("", "delta", { text: "a" }), event("", "tool", run("c", "running"))]
  assert.equal(statusLine(read(null, ...before), 0, 0, "ok"), null)
  const done = [...before, event("", "tool", run("c", "done")), event("", "status", { state: "running", model: "m" })]
  assert.equal(statusLine(read(null, ...done), 0, 0, "ok")?.kind, "running")
  assert.equal(statusLine(read(null, ...done, event("", "delta", { text: "b" })), 0, 0, "ok"), null)
})

test("ten rounds are told, and can be gone on from without any text", () => {
  const reply = read(null, event("", "tool", run("c", "done")), event("", "done", { finish_reason: "tool_limit" }))
  assert.equal(ending(reply), "Stopped after ten rounds of tools.")
  assert.ok(canContinue(reply))
})

test("each state has words", () => {
  const states = ["writing", "waiting", "allowed", "running", "done", "failed", "denied", "interrupted", "skipped"]
  assert.equal(new Set(states.map((state) => stateOf({ ...run("c", state), at: 0 }))).size, states.length)
  assert.equal(stateOf({ ...run("c", "done", { seconds: 1.25 }), at: 0 }), "Done · 1.3 s")
})
