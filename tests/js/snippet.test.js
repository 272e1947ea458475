import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { shortDate, timeLeft } from "../../static/js/lib/dates.js"
import { hitAddress } from "../../static/js/lib/search-api.js"
import { shownParts } from "../../static/js/lib/snippet.js"

test("a snippet is one line, and neighbours of a kind are one", () => {
  assert.deepEqual(shownParts([
    { text: "a\n\n b", hit: false }, { text: "", hit: true }, { text: " c", hit: false },
    { text: "<b>", hit: true }, { text: "x", hit: true }, { text: " d", hit: false },
  ]), [{ text: "a b c", hit: false }, { text: "<b>x", hit: true }, { text: " d", hit: false }])
})

test("the first hit is near the beginning, and no character is cut in two", () => {
  const [before, hit] = shownParts([{ text: `${"word ".repeat(50)}`, hit: false }, { text: "hit", hit: true }])
  assert.ok(before.text.startsWith("…word") && before.text.length <= 42, before.text)
  assert.equal(hit.text, "hit")
  const [smiles] = shownParts([{ text: "🙂".repeat(50), hit: false }, { text: "hit", hit: true }])
  assert.equal(smiles.text, "…" + "🙂".repeat(40))
})

test("a text without a hit stays as it is", () => {
  assert.equal(shownParts([{ text: "long ".repeat(50), hit: false }])[0].text.length, 250)
  assert.deepEqual(shownParts([]), [])
})

test("a hit stands in its message, or is the chat itself", () => {
  assert.equal(hitAddress({ conversation_id: "c", message_id: "m" }), "#c/m")
  assert.equal(hitAddress({ conversation_id: "c", message_id: null }), "#c")
})

test("dates are as short as they can be", () => {
  const now = new Date(2026, 5, 15, 12).getTime()
  assert.match(shortDate(new Date(2026, 5, 15, 9, 5).getTime(), now), /^9:05\sAM$/)
  assert.equal(shortDate(new Date(2026, 0, 2).getTime(), now), "Jan 2")
  assert.equal(shortDate(new Date(2024, 0, 2).getTime(), now), "Jan 2, 2024")
})

test("the bin says how long it keeps a chat", () => {
  const day = 86_400_000
  assert.equal(timeLeft(0, 0, 30), "30 days left")
  assert.equal(timeLeft(0, 29.5 * day, 30), "1 day left")
  assert.equal(timeLeft(0, 31 * day, 30), "goes today")
})
