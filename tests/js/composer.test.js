import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import "./english.js"
import { emptyStorage } from "./storage.js"
import { deedOf } from "../../static/js/lib/composer-keys.js"
import { isDrawn, isPicture, LIMITS, renamed, whyNot, within } from "../../static/js/lib/files.js"
import { matching, queryOf } from "../../static/js/lib/prompts.js"
import { filled, variablesOf } from "../../static/js/lib/variables.js"
import { areSame, draftFilesOf, keepDraftFiles, sweepDraftFiles } from "../../static/js/state/draft-files.js"
import { remember, Walk } from "../../static/js/state/inputs.js"
import { keepQueue, QUEUE, queueOf, sweepQueues } from "../../static/js/state/kept-queues.js"
import { enterSends } from "../../static/js/state/preferences.js"

const DAY = 24 * 3_600_000
let kept = new Map()

beforeEach(() => {
  kept = emptyStorage()
})

const key = (name, more = {}) => ({ key: name, keyCode: 0, isComposing: false, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, ...more })
const desk = { empty: true, touched: false, enterSends: true }

test("enter sends where it is to, and never while an input method is at work", () => {
  assert.equal(deedOf(key("Enter"), desk), "send")
  assert.equal(deedOf(key("Enter", { shiftKey: true }), desk), null)
  assert.equal(deedOf(key("Enter", { isComposing: true }), desk), null)
  assert.equal(deedOf(key("Enter", { keyCode: 229, ctrlKey: true }), desk), null)
  for (const place of [{ ...desk, touched: true }, { ...desk, enterSends: false }]) {
    assert.equal(deedOf(key("Enter"), place), null)
    assert.equal(deedOf(key("Enter", { ctrlKey: true }), place), "send")
    assert.equal(deedOf(key("Enter", { metaKey: true }), place), "send")
  }
})

test("arrows edit the last message, walk through former ones, or move the caret", () => {
  assert.equal(deedOf(key("ArrowUp"), desk), "edit-last")
  assert.equal(deedOf(key("ArrowUp"), { ...desk, empty: false }), null)
  assert.equal(deedOf(key("ArrowUp", { ctrlKey: true }), desk), "older")
  assert.equal(deedOf(key("ArrowDown", { altKey: true }), desk), "newer")
  assert.equal(deedOf(key("ArrowUp", { ctrlKey: true, shiftKey: true }), desk), null)
  assert.equal(deedOf(key("ArrowDown"), desk), null)
  assert.equal(deedOf(key("a"), desk), null)
})

test("a message takes no more files than the server does", () => {
  const file = (size) => ({ name: "a.txt", size })
  assert.equal(whyNot(file(1), [], LIMITS), null)
  assert.match(whyNot(file(1), Array(10).fill(file(1)), LIMITS), /10 files/)
  assert.match(whyNot(file(0), [], LIMITS), /empty/)
  assert.match(whyNot(file(20 * 1024 ** 2 + 1), [], LIMITS), /20 MB/)
  const others = Array(3).fill(file(16 * 1024 ** 2))
  assert.match(whyNot(file(3 * 1024 ** 2), others, LIMITS), /50 MB together/)
  assert.equal(whyNot(file(2 * 1024 ** 2), others, LIMITS), null)
})

test("pictures are told by their type, and a GIF goes on moving", () => {
  assert.deepEqual(["image/png", "image/gif", "image/svg+xml", "image/avif", "text/plain"].map(isDrawn), [true, false, false, true, false])
  assert.deepEqual(["image/webp", "image/gif", "image/avif", "application/pdf"].map(isPicture), [true, true, false, false])
  assert.deepEqual(within(3000, 1000, 2048), { width: 2048, height: 683 })
  assert.deepEqual(within(30, 10, 2048), { width: 30, height: 10 })
  assert.deepEqual(within(9000, 1, 2048), { width: 2048, height: 1 })
})

test("a picture that was drawn anew is called what it is", () => {
  assert.equal(renamed("a.JPEG", "image/jpeg"), "a.JPEG")
  assert.equal(renamed("a.webp", "image/jpeg"), "a.jpg")
  assert.equal(renamed("a.b.avif", "image/png"), "a.b.png")
  assert.equal(renamed("image", "image/png"), "image.png")
})

test("a slash at the beginning looks for a prompt, and a path is none", () => {
  assert.equal(queryOf("/"), "")
  assert.equal(queryOf("/proof read"), "proof read")
  for (const text of ["", "a/", "/usr/bin", "/a\nb", `/${"x".repeat(61)}`]) assert.equal(queryOf(text), null)
})

test("prompts whose name begins with what is typed come first", () => {
  const all = ["Summary", "Proofread", "Improve", "Äther"].map((name) => ({ name, text: name }))
  const names = (query) => matching(all, query).map(({ name }) => name)
  assert.deepEqual(names("pro"), ["Proofread", "Improve"])
  assert.deepEqual(names("ÄTH "), ["Äther"])
  assert.deepEqual(names("x"), [])
  assert.equal(names("").length, 4)
})

test("the places of a prompt are found once each, with what fills them unless it is changed", () => {
  const now = new Date(2026, 0, 31, 18, 5)
  const text = "{{who}} and {{ who = you }}, {{tone=kind}}, {{CURRENT_DATE}} {{a\nb}} {{}} {not} {{x|y}}"
  assert.deepEqual(variablesOf(text, now), [
    { name: "who", value: " you " }, { name: "tone", value: "kind" }, { name: "CURRENT_DATE", value: "2026-01-31" },
  ])
  assert.equal(filled("{{who}}, {{ who = you }}: {{tone=kind}} {{x|y}} $& {{__proto__}}", { who: "$& {{tone}}", tone: "" }),
    "$& {{tone}}, $& {{tone}}:  {{x|y}} $& {{__proto__}}")
  assert.deepEqual(variablesOf("nothing {{", now), [])
})

test("what was sent is walked through, and back to what is being written", () => {
  for (const text of ["one", "two", "one", " \n"]) remember(text)
  const walk = new Walk()
  assert.deepEqual([walk.newer(), walk.older("now"), walk.older("one"), walk.older("two")], [null, "one", "two", null])
  assert.deepEqual([walk.newer(), walk.newer(), walk.newer()], ["one", "now", null])
})

test("the last fifty inputs are kept, and no books", () => {
  for (let number = 0; number < 60; number++) remember(`input ${number}`)
  remember("x".repeat(20_001))
  const all = JSON.parse(kept["llmchat.inputs"])
  assert.deepEqual([all.length, all[0], all.at(-1)], [50, "input 10", "input 59"])
  kept["llmchat.inputs"] = "{"
  assert.equal(new Walk().older(""), null)
})

test("the files of a draft are kept as long as the server has them", () => {
  const files = [{ file: "f", name: "a.txt", type: "text/plain", size: 3 }]
  keepDraftFiles("c", files)
  assert.deepEqual(draftFilesOf("c"), files)
  assert.deepEqual(draftFilesOf("c", Date.now() + DAY), [])
  sweepDraftFiles(Date.now())
  assert.deepEqual(draftFilesOf("c"), files)
  sweepDraftFiles(Date.now() + DAY)
  assert.deepEqual(Object.keys(kept), [])
  for (const broken of ["{", "null", "[]", '{"files":1}']) {
    kept["llmchat.draft-files.c"] = broken
    assert.deepEqual(draftFilesOf("c"), [])
  }
  assert.ok(areSame(files, [{ ...files[0], name: "b" }]))
  assert.ok(!areSame(files, []))
})

test("messages that wait are kept, and those that nobody came back to are not", () => {
  const item = { key: "k", at: Date.now(), content: "text", attachments: [], model: null }
  keepQueue("c", [item])
  assert.deepEqual(queueOf("c"), [item])
  sweepQueues(Date.now())
  assert.deepEqual(queueOf("c"), [item])
  sweepQueues(Date.now() + 31 * DAY)
  assert.deepEqual(Object.keys(kept), [])
  for (const broken of ["{", "{}", "[1, {}]"]) {
    kept[`${QUEUE}c`] = broken
    assert.deepEqual(queueOf("c"), [])
  }
})

test("a preference is kept where it is not the usual one", () => {
  enterSends.set(false)
  assert.deepEqual([enterSends.get(), kept["llmchat.enter-sends"]], [false, "off"])
  enterSends.set(true)
  assert.deepEqual([enterSends.get(), Object.keys(kept)], [true, []])
})
