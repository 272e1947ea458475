import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { emptyReply } from "../../static/js/lib/reply.js"
import { nextStatus, statusLine } from "../../static/js/lib/status.js"

/** The line some seconds after the last of these statuses, which came at once. */
function said(seconds, ...statuses) {
  const status = statuses.reduce((before, data) => nextStatus(before, data, 100), null)
  return statusLine({ ...emptyReply(), status }, 100, 100 + seconds, "ok")
}

const text = (seconds, ...statuses) => said(seconds, ...statuses).text

test("before there is a job, the question is being sent", () => {
  assert.equal(text(0), "Sending")
  assert.equal(text(2.5), "Sending · 2 s")
})

test("the place in the queue comes with an estimate that runs down, and is never more exact than it is", () => {
  const queued = { state: "queued", position: 3, eta_seconds: 18 }
  assert.equal(text(0, queued), "In the queue, number 3, about 20 s")
  assert.equal(text(9, queued), "In the queue, number 3, about 9 s")
  assert.equal(text(18, queued), "In the queue, number 3")
  assert.equal(text(0, { ...queued, eta_seconds: 130 }), "In the queue, number 3, about 3 min")
  assert.equal(text(7, { state: "queued", position: 1200 }), "In the queue, number 1,200 · 7 s")
  assert.equal(text(0, { state: "queued" }), "In the queue")
})

test("loading and reading say how far they are", () => {
  assert.equal(text(4.9, { state: "loading", model: "m" }), "Loading m · 4 s")
  assert.equal(text(9, { state: "reading", progress: 0.404 }), "Reading the question 40 %")
})

test("waiting counts by itself, from what the server said last", () => {
  const running = { state: "running", model: "m", endpoint: "a" }
  assert.equal(text(0, running), "Waiting for m")
  assert.equal(text(5, running), "Waiting for m · 5 s")
  assert.equal(text(0, running, { state: "waiting", waited_seconds: 45 }), "Waiting for m · 45 s")
  assert.equal(text(31, running, { state: "waiting", waited_seconds: 45 }), "Waiting for m · 1 min 16 s")
  assert.equal(text(0, { state: "running" }), "Waiting for the model")
})

test("a retry is counted down, with its reason beside it", () => {
  const retrying = { state: "retrying", in_seconds: 12, reason: "It is busy." }
  assert.deepEqual(said(0, retrying), { kind: "retrying", text: "Trying again in 12 s", why: "It is busy." })
  assert.equal(text(0.1, retrying), "Trying again in 12 s")
  assert.equal(text(11.2, retrying), "Trying again in 1 s")
  assert.equal(text(12, retrying), "Trying again")
})

test("advice to try again is left out where that is being done", () => {
  const why = (reason) => said(0, { state: "retrying", in_seconds: 1, reason }).why
  assert.equal(why("It gets too many requests: slow down. Try again in 7 s."), "It gets too many requests: slow down.")
  assert.equal(why("It is busy. Try again, or choose another model."), "It is busy.")
  assert.equal(why("It refused. Check the key."), "It refused. Check the key.")
  assert.equal(why(null), "")
})

test("a failover names both endpoints and the reason, until there is text", () => {
  const statuses = [
    { state: "running", model: "m", endpoint: "a" },
    { state: "failover", endpoint: "b", reason: "It refused." },
  ]
  const line = { kind: "failover", text: "a did not answer. Asking b", why: "It refused." }
  assert.deepEqual(said(0, ...statuses), line)
  statuses.push({ state: "running", model: "n", endpoint: "b" })
  assert.deepEqual(said(3, ...statuses), { ...line, text: `${line.text} · 3 s` })
  assert.equal(said(0, ...statuses, { state: "retrying", in_seconds: 1, reason: "Busy." }, statuses[2]).why, "It refused.")
  statuses.push({ state: "failover", endpoint: "embedded", reason: "It broke." })
  assert.equal(text(0, ...statuses), "b did not answer. Asking the built-in model")
  statuses.push({ state: "loading", model: "tiny", endpoint: "embedded" })
  assert.deepEqual(said(0, ...statuses), { kind: "loading", text: "Loading tiny", why: "" })
})

test("a job that runs again says why", () => {
  const restarted = { state: "restarted", reason: "llmchat was started again." }
  const running = { state: "running", model: "m", endpoint: "a" }
  const line = { kind: "restarted", text: "Restarted. Asking again", why: restarted.reason }
  assert.deepEqual(said(0, running, restarted), line)
  assert.deepEqual(said(0, running, restarted, running), line)
})

test("what a retry said does not stay for what comes after it", () => {
  const line = said(0, { state: "retrying", in_seconds: 1, reason: "It is busy." }, { state: "running", model: "m" })
  assert.equal(line.kind, "running")
  assert.equal(line.why, "")
})

test("a lost connection and a restart of the server go before all else", () => {
  const reply = { ...emptyReply(), content: "text" }
  assert.match(statusLine(reply, 0, 1, "lost").text, /Reconnecting/)
  assert.match(statusLine(reply, 0, 1, "restarting").text, /^llmchat is restarting/)
  assert.equal(statusLine(reply, 0, 1, "ok"), null)
})

test("a text speaks for itself, but what an answer is continued from does not", () => {
  const before = { content: "begun ", reasoning: "", thoughtSeconds: null }
  assert.equal(statusLine({ ...emptyReply(), reasoning: "hm" }, 0, 0, "ok"), null)
  assert.equal(statusLine(emptyReply(before), 0, 0, "ok").text, "Sending")
  assert.equal(statusLine({ ...emptyReply(before), reasoning: "hm" }, 0, 0, "ok").text, "Thinking")
  assert.equal(statusLine({ ...emptyReply(before), content: "more" }, 0, 0, "ok"), null)
})
