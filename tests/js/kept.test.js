import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { keep, keepInsteadOf, kept } from "../../static/js/state/kept.js"

/** A storage with room for so many characters. @param {number} room */
function storage(room) {
  const all = new Map()
  return {
    all,
    getItem: (key) => all.get(key) ?? null,
    removeItem: (key) => void all.delete(key),
    setItem(key, value) {
      const others = [...all].filter(([name]) => name !== key)
      if (others.reduce((sum, [, text]) => sum + text.length, value.length) > room) throw new Error("full")
      all.set(key, value)
    },
  }
}

beforeEach(() => {
  globalThis.localStorage = storage(10)
  keep("a", "1234")
  keep("b", "5678")
})

test("only as many make room as it takes, the first ones first", () => {
  assert.deepEqual(keepInsteadOf("c", "abcd", ["a", "b"], 9), ["a"])
  assert.equal(kept("c"), "abcd")
  assert.equal(kept("b"), "5678")
})

test("what fits evicts nobody", () => {
  assert.deepEqual(keepInsteadOf("c", "ab", ["a", "b"], 9), [])
})

test("what never fits evicts nobody", () => {
  assert.equal(keepInsteadOf("c", "x".repeat(11), ["a", "b"], 9), null)
  assert.deepEqual([...localStorage.all], [["a", "1234"], ["b", "5678"]])
})

test("no more others stay than may", () => {
  assert.deepEqual(keepInsteadOf("c", "x", ["a", "b"], 1), ["a"])
})

test("a storage that is refused keeps nothing and breaks nothing", () => {
  const refuse = () => { throw new Error("denied") }
  globalThis.localStorage = { getItem: refuse, setItem: refuse, removeItem: refuse }
  assert.equal(kept("a"), null)
  assert.equal(keep("a", "1"), false)
  assert.equal(keep("a", null), false)
  assert.equal(keepInsteadOf("c", "x", ["a"], 9), null)
})
