import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { exportAddress } from "../../static/js/lib/transfer-api.js"
import { content, effectOf, formatName, isWorthIt, sizeName } from "../../static/js/lib/transfer-words.js"

const report = {
  format: "chatgpt", conversations: 212, messages: 4031, new: 200, updated: 5, unchanged: 7, attachments: 0,
  missing_attachments: 17, skipped: [{ what: "a", why: "b" }], skipped_more: 2, dry_run: true,
}

test("a report says what is in the file and what is left out", () => {
  assert.equal(content(report), "212 conversations, 4,031 messages, 17 attachments missing, 3 entries skipped")
  assert.equal(content({ ...report, conversations: 1, messages: 0, missing_attachments: 0, skipped: [], skipped_more: 0, attachments: 1 }),
    "1 conversation, 0 messages, 1 attachment")
})

test("it says what would become of it, and what has", () => {
  assert.equal(effectOf(report), "Would be 200 new, 5 updated, 7 unchanged.")
  assert.equal(effectOf({ ...report, dry_run: false, updated: 0, unchanged: 0 }), "Imported: 200 new.")
  assert.equal(effectOf({ ...report, new: 0, updated: 0 }), "All of it is here already.")
  assert.equal(effectOf({ ...report, new: 0, updated: 0, unchanged: 0 }), "There is nothing to import.")
  assert.ok(isWorthIt(report) && !isWorthIt({ ...report, new: 0, updated: 0 }))
})

test("formats and sizes are words", () => {
  assert.deepEqual(["open-webui", "llmchat", "other"].map(formatName), ["Open WebUI", "llmchat", "other"])
  assert.deepEqual([999, 1500, 99_400, 5.5e8, 1.2e9].map(sizeName), ["999 bytes", "1.5 kB", "99 kB", "550 MB", "1.2 GB"])
})

test("so many chats as an address has room for are named in it", () => {
  assert.equal(exportAddress(["a", "b"]), "api/export?format=llmchat&ids=a,b")
  const ids = (count) => Array.from({ length: count }, (_, number) => String(number).padStart(32, "0"))
  assert.ok(exportAddress(ids(180)).length <= 6000)
  assert.equal(exportAddress(ids(190)), null)
})
