import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { wishOf } from "../../static/js/lib/list-keys.js"
import { extended, remaining, toggled } from "../../static/js/lib/selection.js"

const order = ["a", "b", "c", "d", "e"]

test("one is chosen, and not any more", () => {
  const once = toggled(new Set(["a"]), "b")
  assert.deepEqual([...once], ["a", "b"])
  assert.deepEqual([...toggled(once, "a")], ["b"])
})

test("a range goes from the last one in either direction, and keeps what was chosen", () => {
  assert.deepEqual([...extended(new Set(["a"]), order, "a", "c")], ["a", "b", "c"])
  assert.deepEqual([...extended(new Set(["e"]), order, "d", "b")].sort(), ["b", "c", "d", "e"])
  assert.deepEqual([...extended(new Set(), order, null, "c")], ["c"])
  assert.deepEqual([...extended(new Set(), order, "gone", "c")], ["c"])
})

test("what has left the list is not chosen any more", () => {
  assert.deepEqual([...remaining(new Set(order), (id) => id < "c")], ["a", "b"])
})

test("keys mean what lists of files have taught people", () => {
  const key = (name, held = {}) => ({ key: name, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...held })
  assert.deepEqual(wishOf(key("ArrowDown"), false), { to: "next", extend: false })
  assert.deepEqual(wishOf(key("ArrowUp", { shiftKey: true }), true), { to: "previous", extend: true })
  assert.equal(wishOf(key(" "), true), "toggle")
  assert.equal(wishOf(key(" "), false), null)
  assert.equal(wishOf(key("a", { ctrlKey: true }), true), "all")
  assert.equal(wishOf(key("a", { ctrlKey: true }), false), null)
  assert.equal(wishOf(key("Escape"), true), "leave")
  assert.equal(wishOf(key("Escape"), false), null)
  assert.equal(wishOf(key("F2"), false), "rename")
  assert.equal(wishOf(key("Delete"), false), "delete")
  assert.equal(wishOf(key("ArrowLeft", { altKey: true }), false), null)
})
