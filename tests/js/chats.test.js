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

test("chats stand under their day", () => {
  const now = new Date(2026, 5, 15, 12).getTime()
  const at = (days) => ({ updated: now - days * 86_400_000 })
  const groups = chats.byDay([at(0), at(1), at(3), at(20), at(400)], now)
  assert.deepEqual(groups.map((group) => group.name),
    ["Today", "Yesterday", "Last 7 days", "Last 30 days", "Older"])
  assert.ok(groups.every((group) => group.chats.length === 1))
})
