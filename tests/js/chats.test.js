import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
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
