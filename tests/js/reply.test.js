import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { emptyReply, isFinal, ReplyReader } from "../../static/js/lib/reply.js"

const delta = (id, text) => ({ id, event: "delta", data: { text } })
const done = (id, data) => ({ id, event: "done", data: { finish_reason: "stop", ...data } })

function read(reply, ...events) {
  const reader = new ReplyReader(reply)
  for (const event of events) reader.take(event, 0)
  return reader
}

test("the text of an answer is all its deltas, joined", () => {
  const { reply } = read(emptyReply(), delta("1-1", "a "), delta("1-2", "b"), done("1-3"))
  assert.equal(reply.content, "a b")
  assert.equal(reply.last, "1-3")
  assert.ok(isFinal(reply))
})

test("an event that is sent twice counts once", () => {
  const { reply } = read(emptyReply(), delta("1-1", "a"), delta("1-1", "a"), delta("1-2", "b"))
  assert.equal(reply.content, "ab")
})

test("nothing is taken after the final event", () => {
  const { reply } = read(emptyReply(), delta("1-1", "a"), done("1-2"), delta("1-3", "b"))
  assert.equal(reply.content, "a")
})

test("a stop cuts the text after the event that was seen", () => {
  const events = [delta("1-1", "a"), delta("1-2", "b"), done("1-3", { seen: "1-1" })]
  const reader = read(emptyReply(), ...events)
  assert.equal(reader.reply.content, "a")
  assert.equal(reader.cutIsUnknown, false)
})

test("a reader that came in after the cut knows that it does not know it", () => {
  const reply = { ...emptyReply(), content: "ab", last: "1-2" }
  assert.equal(read(reply, done("1-3", { seen: "1-1" })).cutIsUnknown, true)
})

test("thinking lasts from the first thought to the first word", () => {
  const reader = new ReplyReader(emptyReply())
  reader.take({ id: "1-1", event: "reasoning", data: { text: "hm" } }, 10)
  reader.take({ id: "1-2", event: "reasoning", data: { text: "m" } }, 12)
  reader.take(delta("1-3", "4"), 15)
  assert.equal(reader.reply.reasoning, "hmm")
  assert.equal(reader.reply.thoughtSeconds, 5)
})

test("a failure keeps the text that came before it", () => {
  const failed = { code: "upstream-cut", message: "It broke.", retryable: true }
  const { reply } = read(emptyReply(), delta("1-1", "a"), { id: "1-2", event: "error", data: failed })
  assert.equal(reply.content, "a")
  assert.equal(reply.failed, failed)
})

test("what came after a stop is taken away, however its pieces were joined", () => {
  const reader = read(emptyReply(), delta("1-9", "abcdef"), done("1-10", { seen: "1-4" }))
  reader.cut([delta("1-9", "ef"), done("1-10", { seen: "1-4" })])
  assert.equal(reader.reply.content, "abcd")
})

test("a stop in a continuation cuts only what the continuation has added", () => {
  const before = { content: "long before ", reasoning: "", thoughtSeconds: null }
  const events = [delta("1-1", "a"), delta("1-2", "b"), done("1-3", { seen: "1-1" })]
  const { reply } = read(emptyReply(before), ...events)
  assert.equal(reply.content, "a")
  assert.deepEqual(reply.before, before)
})

test("the endpoint that was asked first is remembered", () => {
  const status = (id, data) => ({ id, event: "status", data })
  const { reply } = read(emptyReply(), status("0-1", { state: "queued", position: 1 }),
    status("1-0", { state: "running", endpoint: "a", model: "m" }),
    status("2-0", { state: "failover", endpoint: "b", reason: "It broke." }),
    status("3-0", { state: "running", endpoint: "b", model: "n" }))
  assert.equal(reply.first, "a")
  assert.equal(reply.status.endpoint, "b")
})
