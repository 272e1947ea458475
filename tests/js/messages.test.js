import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { ended, history, newMessage, replyOf, withKept } from "../../static/js/lib/messages.js"
import { stored, temporary } from "../../static/js/lib/plans.js"
import { emptyReply } from "../../static/js/lib/reply.js"
import { wholeThoughtSeconds } from "../../static/js/lib/whole.js"
import { Chat } from "../../static/js/state/chat.js"

const answer = (more) => newMessage({ role: "assistant", ...more })

test("an answer that runs goes on from what is stored of it", () => {
  const reply = replyOf(answer({ state: "running", content: "one ", reasoning: "hm" }))
  assert.deepEqual(reply.before, { content: "one ", reasoning: "hm", thoughtSeconds: null })
  assert.equal(reply.content, "")
  assert.equal(replyOf(answer({ state: "running" })).before, null)
})

test("an answer that has ended is shown with how it did", () => {
  const done = replyOf(answer({ content: "text", finish_reason: "length", model: "m", usage: { completion_tokens: 3 } }))
  assert.equal(done.done.finish_reason, "length")
  assert.equal(done.done.model, "m")
  assert.equal(done.usage.completion_tokens, 3)
  assert.equal(replyOf(answer({ state: "cancelled" })).done.finish_reason, "cancelled")
  const error = { code: "interrupted", message: "Stopped.", retryable: true }
  const failed = replyOf(answer({ state: "error", error }))
  assert.equal(failed.done, null)
  assert.deepEqual(failed.failed, error)
  assert.equal(replyOf(answer({ state: "error" })).failed.code, "interrupted")
})

test("what was counted of an answer is stored with it, and counts once", () => {
  const timings = { queue_seconds: 0, first_token_seconds: 1, total_seconds: 4, thinking_seconds: 3, first_endpoint: "a" }
  const message = answer({ content: "one two", reasoning: "hm", timings })
  assert.deepEqual([replyOf(message).thoughtSeconds, replyOf(message).first], [3, "a"])
  assert.equal(replyOf({ ...message, state: "running" }).before.thoughtSeconds, 3)
  const seen = { ...emptyReply({ content: "one ", reasoning: "hm", thoughtSeconds: 1 }), content: "two", thoughtSeconds: 2.4 }
  assert.equal(wholeThoughtSeconds(withKept(seen, message)), 3)
  assert.equal(withKept(seen, answer({})), seen)
})

test("what ended is what the server will have stored", () => {
  const reply = {
    ...emptyReply({ content: "one ", reasoning: "hm", thoughtSeconds: null }), content: "two", reasoning: "so",
    done: { finish_reason: "stop", model: "m", endpoint: "e", usage: { completion_tokens: 1 }, timings: null },
  }
  const message = ended(answer({ state: "running", job_id: "j" }), reply)
  assert.deepEqual([message.state, message.content, message.reasoning, message.model], ["done", "one two", "hm\n\nso", "m"])
  assert.equal(ended(message, { ...reply, done: { finish_reason: "cancelled" } }).state, "cancelled")
  const failed = { code: "x", message: "y", retryable: true }
  assert.equal(ended(message, { ...reply, done: null, failed }).state, "error")
})

test("a model is sent questions and answers, and nothing that failed before it said a word", () => {
  const path = [
    newMessage({ content: "one" }), answer({ state: "error" }), newMessage({ content: "two" }),
    answer({ content: "three", reasoning: "secret thoughts" }),
  ]
  assert.deepEqual(history(path), [{ role: "user", content: "one\n\ntwo" }, { role: "assistant", content: "three" }])
})

test("each kind of question has its request", () => {
  const plan = { key: "k", chat: "c", asked: 0, parent: "p", model: null }
  assert.deepEqual(stored({ ...plan, content: "hi" }), { content: "hi", conversation_id: "c", parent_id: "p" })
  assert.deepEqual(stored({ ...plan, chat: null, content: "hi", model: "m" }), { content: "hi", model: "m" })
  assert.deepEqual(stored({ ...plan, chat: null, content: "hi", settings: { system: "Be brief" } }).settings, { system: "Be brief" })
  assert.deepEqual(stored({ ...plan, content: "hi", branch: true }).branch, true)
  assert.deepEqual(stored(plan), { conversation_id: "c", parent_id: "p" })
  assert.deepEqual(stored({ ...plan, answer: "a" }),
    { conversation_id: "c", parent_id: "a", continue_final_message: true })
})

test("a temporary chat sends all of its branch, and asks for nothing to be kept", () => {
  const plan = { key: "k", chat: null, asked: 0, parent: null, content: "hi", model: null }
  const path = [newMessage({ content: "hi" }), answer({ content: "there" })]
  assert.deepEqual(temporary(plan, path, { system: "Be brief" }), {
    messages: [{ role: "user", content: "hi" }], temporary: true, settings: { system: "Be brief" },
  })
  const more = temporary({ ...plan, answer: path[1].id }, path, {})
  assert.equal(more.messages.length, 2)
  assert.equal(more.continue_final_message, true)
})

const opened = (messages, more = {}) => ({ title: "t", revision: 1, active: messages.at(-1)?.id ?? null, count: messages.length, messages, ...more })
const message = (id, parent_id = null) => newMessage({ id, parent_id })

test("a question is shown before the server knows it, and keeps its place when it does", () => {
  const chat = new Chat("c")
  chat.take(opened([message("q"), message("a", "q")]))
  assert.equal(chat.tail, "a")
  chat.add(message("local", "a"))
  assert.deepEqual(chat.path.map((one) => one.id), ["q", "a", "local"])
  assert.equal(chat.tail, "a")
  chat.confirm("local", "real")
  assert.deepEqual([chat.active, chat.tail, chat.key("real")], ["real", "real", "local"])
})

test("what is missing is noticed by its count, and what was not sent does not count", () => {
  const chat = new Chat("c")
  chat.take(opened([message("q"), message("a", "q")]))
  chat.add(message("local", "a"))
  assert.equal(chat.takeChanges(opened([message("b", "q")], { count: 3, revision: 2 })), true)
  assert.equal(chat.takeChanges(opened([], { count: 2, revision: 3 })), false)
  chat.take(opened([message("q"), message("a", "q")], { revision: 3 }))
  assert.ok(chat.tree.get("local"))
  chat.take(opened([message("q")], { revision: 4 }))
  assert.equal(chat.tree.get("local"), undefined)
})

test("the branch in view changes when the server's does, not with each refresh", () => {
  const chat = new Chat("c")
  chat.take(opened([message("q"), message("a", "q"), message("b", "q")]))
  chat.active = "a"
  chat.takeChanges(opened([], { active: "b", count: 3 }))
  assert.equal(chat.active, "a")
  chat.takeChanges(opened([message("n", "b")], { active: "n", count: 4 }))
  assert.equal(chat.active, "n")
})

test("a question that came too late makes room for the one that came first", () => {
  const chat = new Chat("c")
  chat.take(opened([message("q")]))
  chat.add(message("local", "q"))
  chat.drop("local")
  chat.takeTail([message("other", "q")], "other")
  assert.deepEqual(chat.path.map((one) => one.id), ["q", "other"])
})

test("a failed try is no version to choose from, unless it is in view, said something or was gone on from", () => {
  const chat = new Chat("c")
  const put = (id, more) => chat.tree.put(newMessage({ id, parent_id: "q", role: "assistant", ...more }))
  chat.tree.put(newMessage({ id: "q" }))
  put("empty", { state: "error" })
  put("half", { state: "error", content: "half of" })
  put("done", { content: "whole" })
  assert.deepEqual(chat.versions("done"), ["half", "done"])
  assert.deepEqual(chat.versions("empty"), ["empty", "half", "done"])
  put("next", { parent_id: "empty" })
  assert.deepEqual(chat.versions("done"), ["empty", "half", "done"])
})
