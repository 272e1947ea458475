import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { sessionOf } from "../../static/js/lib/old-chats.js"
import { emptyReply } from "../../static/js/lib/reply.js"

const reply = (content, more = {}) => ({ ...emptyReply(), content, done: { finish_reason: "stop", model: "m", endpoint: "e" }, ...more })
const lines = (chat) => sessionOf(chat).trimEnd().split("\n").map((line) => JSON.parse(line))

const chat = {
  id: "c1", title: "Tea", updated: 50, messages: [
    { id: "q1", role: "user", content: "Which\ntea?" },
    {
      id: "a1", role: "assistant", model: null, key: "k", job: "j", asked: 10, earlier: [reply("Black.")],
      reply: { ...reply("een."), reasoning: "hm", before: { content: "Gr", reasoning: "", thoughtSeconds: null } },
    },
    { id: "q2", role: "user", content: "And?" },
    { id: "a2", role: "assistant", model: "wanted", key: "k", job: null, asked: 20, earlier: [], reply: { ...emptyReply(), content: "So" } },
  ],
}

test("an old chat becomes a session with a root", () => {
  const [session, root] = lines(chat)
  assert.equal(session.harness, "llmchat")
  assert.deepEqual([session.id, session.name, session.created, session.lastModified, session.currNode], ["c1", "Tea", 10, 50, "a2"])
  assert.deepEqual([session.source, session.sourceId], ["llmchat-browser", "c1"])
  assert.deepEqual([root.message.id, root.message.type, root.message.children], ["root-c1", "root", ["q1"]])
})

test("earlier versions of an answer become siblings, and the last one goes on", () => {
  const messages = lines(chat).slice(2).map((line) => line.message)
  assert.deepEqual(messages.map(({ id, parent }) => [id, parent]),
    [["q1", "root-c1"], ["a1-1", "q1"], ["a1", "q1"], ["q2", "a1"], ["a2", "q2"]])
  assert.deepEqual(messages.map((one) => one.content), ["Which\ntea?", "Black.", "Green.", "And?", "So"])
  assert.deepEqual(messages.map((one) => one.timestamp), [10, 10, 10, 20, 20])
  assert.equal(messages[2].reasoningContent, "hm")
  assert.equal(messages[2].jobId, "j")
})

test("an answer that never ended is one that was interrupted, with its text", () => {
  const last = lines(chat).at(-1).message
  assert.deepEqual([last.state, last.error.code, last.content, last.model], ["error", "interrupted", "So", "wanted"])
})

test("how an answer ended is kept", () => {
  const ends = (more) => lines({ ...chat, messages: [chat.messages[0], { ...chat.messages[1], earlier: [], reply: reply("x", more) }] }).at(-1).message
  assert.equal(ends({ done: { finish_reason: "cancelled" } }).state, "cancelled")
  const failed = { code: "auth", message: "No.", retryable: false }
  assert.deepEqual(ends({ done: null, failed }).error, failed)
  assert.equal(ends({ done: { finish_reason: "stop", timings: { total_seconds: 2 } } }).timings.total_seconds, 2)
})

test("a chat without messages is one all the same", () => {
  assert.equal(lines({ ...chat, messages: [] })[0].currNode, null)
})
