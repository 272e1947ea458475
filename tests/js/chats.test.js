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

test("an answer that is continued keeps its place, its text and its versions", () => {
  const cut = { ...chats.newAnswer(null, 0), key: "abc", earlier: [{ content: "older" }] }
  Object.assign(cut.reply, { content: "one ", reasoning: "hm", thoughtSeconds: 2, last: "1-7" })
  const once = chats.continued(cut, "m", 5)
  assert.deepEqual([once.id, once.key, once.job, once.asked, once.model], [cut.id, "abc.1", null, 5, "m"])
  assert.deepEqual(once.earlier, cut.earlier)
  assert.deepEqual(once.reply.before, { content: "one ", reasoning: "hm", thoughtSeconds: 2 })
  assert.equal(once.reply.last, null)
  Object.assign(once.reply, { content: "two", reasoning: "m", thoughtSeconds: 1 })
  const twice = chats.continued(once, null, 6)
  assert.equal(twice.key, "abc.2")
  assert.deepEqual(twice.reply.before, { content: "one two", reasoning: "hm\n\nm", thoughtSeconds: 3 })
})

test("a continuation is asked for with the text as the model's own, and no thoughts", () => {
  const chat = chats.newChat("one", 0)
  const cut = chats.newAnswer("m", 0)
  Object.assign(cut.reply, { content: "two ", reasoning: "secret thoughts" })
  const next = chats.continued(cut, "m", 0)
  chat.messages.push(chats.newQuestion("one"), next)
  assert.deepEqual(chats.requestFor(chat, next), {
    messages: [{ role: "user", content: "one" }, { role: "assistant", content: "two " }],
    model: "m", continue_final_message: true,
  })
  assert.deepEqual(chats.requestFor(chat, { ...cut, id: next.id }), { messages: [{ role: "user", content: "one" }], model: "m" })
})

test("what was continued is sent and kept as a whole", () => {
  const chat = chats.newChat("one", 0)
  const cut = chats.newAnswer(null, 0)
  cut.reply.content = "two "
  const whole = chats.continued(cut, null, 0)
  whole.reply.content = "three"
  const asked = chats.newAnswer(null, 0)
  chat.messages.push(chats.newQuestion("one"), whole, chats.newQuestion("four"), asked)
  assert.equal(chats.historyBefore(chat, asked)[1].content, "two three")
  const failedAtOnce = chats.continued(cut, null, 0)
  assert.deepEqual(chats.askedAgain(failedAtOnce, null, 1).earlier, [failedAtOnce.reply])
})
