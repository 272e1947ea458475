import assert from "node:assert/strict"
import { test } from "node:test"

import { areEqual, countOf } from "../../static/js/lib/chat-settings.js"
import { asText, numberIn, objectIn, placeOfMistake, stopsAsText, stopsIn } from "../../static/js/lib/setting-fields.js"
import { signOf, startersIn } from "../../static/js/lib/presets.js"
import { problemsOf } from "../../static/js/lib/rehearsal.js"

test("a number is one within its bounds, nothing, or wrong", () => {
  assert.equal(numberIn("temperature", " "), undefined)
  assert.equal(numberIn("temperature", "0,7"), 0.7)
  assert.equal(numberIn("temperature", "0"), 0)
  for (const text of ["hot", "2.1", "-0.1", "1e999", "0x10"]) assert.ok(Number.isNaN(numberIn("temperature", text)), text)
  assert.equal(numberIn("seed", "-7"), -7)
  assert.ok(Number.isNaN(numberIn("seed", "1.5")))
  assert.ok(Number.isNaN(numberIn("max_tokens", "0")))
})

test("texts to stop at are lines, with signs for the ends of lines", () => {
  assert.equal(stopsIn("\n\n"), undefined)
  assert.deepEqual(stopsIn("END\n\\n\\nUser:\n"), ["END", "\n\nUser:"])
  assert.equal(stopsAsText(["END", "\n\nUser:"]), "END\n\\n\\nUser:")
  assert.equal(stopsAsText("END"), "END")
  assert.equal(stopsAsText(undefined), "")
})

test("free members are an object, and a mistake has a place", () => {
  assert.equal(objectIn(" "), undefined)
  assert.deepEqual(objectIn('{"a": [1, null]}'), { a: [1, null] })
  for (const text of ["[1]", "null", "1", '"a"']) assert.throws(() => objectIn(text), SyntaxError)
  const place = (text) => { try { return objectIn(text) } catch (error) { return placeOfMistake(text, error) } }
  assert.deepEqual(place('{\n  "a": x\n}'), { line: 2, column: 8 })
  assert.deepEqual(place('{"a": 1, // why\n}'), { line: 1, column: 10 })
  assert.deepEqual(place('{\n"a": "\u0000"}'), { line: 2, column: 6 })
  assert.deepEqual(place('{"a": 1 "b": 2}'), { line: 1, column: 9 })
  assert.equal(place("[]"), null)
  assert.equal(asText({}), "")
})

test("settings are the same in any order, and a preset alone sets nothing", () => {
  assert.ok(areEqual({ seed: 1, system: "x" }, { system: "x", seed: 1 }))
  assert.ok(!areEqual({ seed: 1 }, {}))
  assert.equal(countOf({ preset: "p" }), 0)
  assert.equal(countOf({ preset: "p", seed: 0, system: "" }), 1)
})

test("a preset has a sign, and starters of one line", () => {
  assert.equal(signOf({ icon: "", name: "poet" }), "P")
  assert.equal(signOf({ icon: "", name: "" }), "?")
  assert.equal(signOf({ icon: "🪶", name: "x" }), "🪶")
  assert.deepEqual(startersIn(" one \n\ntwo\n3\n4\n5\n6\n7"), ["one", "two", "3", "4", "5", "6"])
})

test("what the server finds wrong is told at the field of that setting", () => {
  const errors = [{ pointer: "/settings/response_format/json_schema/schema", detail: "a" }, { pointer: "/settings", detail: "b" }]
  assert.deepEqual(problemsOf({ errors }), { response_format: "a", "": "b" })
  assert.deepEqual(problemsOf(null), {})
})
