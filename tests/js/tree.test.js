import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { Tree } from "../../static/js/lib/tree.js"

const message = (id, parent_id = null) => ({ id, parent_id })
const ids = (messages) => messages.map((one) => one.id)

/** A question with two answers; the first goes on, and its second question was edited. */
const grown = () => new Tree([
  message("q1"), message("a1", "q1"), message("q2", "a1"), message("a2", "q2"),
  message("b1", "q1"), message("q3", "a1"), message("a3", "q3"),
])

test("the branch in view leads from the first message to the active one", () => {
  assert.deepEqual(ids(grown().path("a2")), ["q1", "a1", "q2", "a2"])
  assert.deepEqual(ids(grown().path("b1")), ["q1", "b1"])
})

test("without an active message the newest one is in view", () => {
  assert.deepEqual(ids(grown().path(null)), ["q1", "a1", "q3", "a3"])
  assert.deepEqual(ids(grown().path("gone")), ["q1", "a1", "q3", "a3"])
  assert.deepEqual(new Tree().path(null), [])
})

test("siblings come in the order in which they were made, also first messages", () => {
  assert.deepEqual(ids(grown().siblings("b1")), ["a1", "b1"])
  assert.deepEqual(ids(grown().siblings("q2")), ["q2", "q3"])
  assert.deepEqual(ids(new Tree([message("x"), message("y")]).siblings("x")), ["x", "y"])
})

test("a sibling is shown with its newest branch", () => {
  assert.equal(grown().newestBelow("a1"), "a3")
  assert.equal(grown().newestBelow("q2"), "a2")
  assert.equal(grown().newestBelow("b1"), "b1")
})

test("what goes with a message is counted over all branches", () => {
  assert.equal(grown().below("a1").size, 5)
  assert.equal(grown().below("a3").size, 1)
  const tree = grown().without("a1")
  assert.deepEqual(ids(tree.all()), ["q1", "b1"])
  assert.deepEqual(ids(tree.siblings("b1")), ["b1"])
})

test("a message that changes keeps its place", () => {
  const tree = grown()
  tree.put({ ...message("a1", "q1"), content: "new" })
  assert.equal(tree.size, 7)
  assert.equal(tree.get("a1").content, "new")
  assert.deepEqual(ids(tree.siblings("b1")), ["a1", "b1"])
})

test("a message gets the id of the server, below it too, and is there once", () => {
  const tree = grown().renamed("q3", "real")
  assert.deepEqual(ids(tree.path("a3")), ["q1", "a1", "real", "a3"])
  tree.put(message("local", "a2"))
  tree.put(message("known", "a2"))
  assert.deepEqual(ids(tree.renamed("local", "known").siblings("known")), ["known"])
})

test("ten thousand messages in one branch are walked in no time to speak of", () => {
  const tree = new Tree()
  for (let i = 0; i < 10_000; i++) tree.put(message(`m${i}`, i ? `m${i - 1}` : null))
  assert.equal(tree.path(null).length, 10_000)
  assert.equal(tree.newestBelow("m0"), "m9999")
})

test("a parent that is missing, or a circle, does not hang the page", () => {
  assert.deepEqual(ids(new Tree([message("x", "gone")]).path("x")), ["x"])
  assert.equal(new Tree([message("x", "y"), message("y", "x")]).path("x").length, 2)
})
