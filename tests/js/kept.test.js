import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import "./english.js"
import { emptyStorage } from "./storage.js"
import { keep, kept } from "../../static/js/state/kept.js"

beforeEach(emptyStorage)

test("what is kept is there until it is taken away", () => {
  assert.equal(keep("a", "1234"), true)
  assert.equal(kept("a"), "1234")
  keep("a", null)
  assert.equal(kept("a"), null)
})

test("a storage that is refused keeps nothing and breaks nothing", () => {
  const refuse = () => { throw new Error("denied") }
  globalThis.localStorage = { getItem: refuse, setItem: refuse, removeItem: refuse }
  assert.equal(kept("a"), null)
  assert.equal(keep("a", "1"), false)
  assert.equal(keep("a", null), false)
})
