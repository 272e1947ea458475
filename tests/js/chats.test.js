import assert from "node:assert/strict"
import { test } from "node:test"

import * as chats from "../../static/js/lib/chats.js"

test("a title is the first line, cut between words", () => {
  assert.equal(chats.titleOf("  hello\nworld"), "hello")
  const long = chats.titleOf("word ".repeat(40))
  assert.ok(long.length <= 61 && long.endsWith("word…"), long)
  assert.equal(chats.titleOf("\u202Eevil"), "evil")
  assert.equal(chats.titleOf("🙂".repeat(100)), "🙂".repeat(60) + "…")
})

test("ids do not repeat", () => {
  const ids = new Set(Array.from({ length: 1000 }, chats.newId))
  assert.equal(ids.size, 1000)
})

test("a model is sent questions and answers, and nothing that failed before it said a word", () => {
  const chat = chats.newChat("one", 0)
  const failed = chats.newAnswer(null, 0)
  const said = chats.newAnswer(null, 0)
  said.reply.content = "two"
  said.reply.reasoning = "secret thoughts"
  const asked = chats.newAnswer(null, 0)
  chat.messages.push(chats.newQuestion("one"), failed, said, chats.newQuestion("three"), asked)
  assert.deepEqual(chats.historyBefore(chat, asked), [
    { role: "user", content: "one" },
    { role: "assistant", content: "two" },
    { role: "user", content: "three" },
  ])
})

test("asking again keeps the place and what was shown, with a key of its own", () => {
  const first = chats.newAnswer(null, 0)
  first.reply.content = "shown"
  const second = chats.askedAgain(first, "other", 1)
  assert.equal(second.id, first.id)
  assert.notEqual(second.key, first.key)
  assert.deepEqual(second.earlier, [first.reply])
  assert.deepEqual(chats.askedAgain(chats.newAnswer(null, 0), null, 1).earlier, [])
})

test("chats stand under their day", () => {
  const now = new Date(2026, 5, 15, 12).getTime()
  const at = (days) => ({ ...chats.newChat("x", now - days * 86_400_000) })
  const groups = chats.byDay([at(0), at(1), at(3), at(20), at(400)], now)
  assert.deepEqual(groups.map((group) => group.name),
    ["Today", "Yesterday", "Last 7 days", "Last 30 days", "Older"])
  assert.ok(groups.every((group) => group.chats.length === 1))
})

test("the oldest chats make room", () => {
  const all = [3, 1, 2].map((updated) => chats.newChat("x", updated))
  assert.deepEqual(chats.beyond(all, 1).map((chat) => chat.updated), [2, 1])
})

test("two questions in a row are sent as one, as strict models want them", () => {
  const chat = chats.newChat("one", 0)
  const asked = chats.newAnswer(null, 0)
  chat.messages.push(chats.newQuestion("one"), chats.newAnswer(null, 0), chats.newQuestion("two"), asked)
  assert.deepEqual(chats.historyBefore(chat, asked), [{ role: "user", content: "one\n\ntwo" }])
})
