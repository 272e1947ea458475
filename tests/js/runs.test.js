import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { newMessage } from "../../static/js/lib/messages.js"
import { emptyReply } from "../../static/js/lib/reply.js"
import { Run } from "../../static/js/state/run.js"
import { Runs } from "../../static/js/state/runs.js"

const message = (members) => newMessage({ role: "assistant", ...members, id: "m", job_id: "j" })

/** What is told when the branch is seen with the message like this. */
function told(path) {
  const runs = new Runs()
  runs.add("m", new Run(emptyReply(), 0, "j", null))
  const over = []
  runs.addEventListener("over", ({ detail }) => over.push(detail.id))
  runs.follow(path)
  runs.leave()
  return over
}

test("an answer of which the server says that it has ended is told of once", () => {
  assert.deepEqual(told([message({ state: "error" })]), ["m"])
  assert.deepEqual(told([message({ state: "done" })]), ["m"])
})

test("an answer that runs, or is not in view any more, has not ended", () => {
  assert.deepEqual(told([message({ state: "running" })]), [])
  assert.deepEqual(told([]), [])
})
