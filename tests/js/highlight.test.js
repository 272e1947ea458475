import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { languageOf, lines, load } from "../../static/js/lib/highlight.js"

test("languages are known by the names that people write", () => {
  assert.equal(languageOf("PY"), "python")
  assert.equal(languageOf("c++"), "cpp")
  assert.equal(languageOf("constructor"), null)
  assert.equal(languageOf("../../../x"), null)
})

test("the pieces of the lines are the code again", async () => {
  assert.ok(await load("python"))
  const code = 'def f():\n    """two\n    lines"""\n\n    return 1  # x'
  const found = lines(code, "python")
  assert.equal(found.map((line) => line.map(([, text]) => text).join("")).join("\n"), code)
  assert.deepEqual(found[0][0], ["keyword", "def"])
  assert.equal(found[2].at(-1)[0], "string")
})

test("code without a known language is not coloured", () => {
  assert.deepEqual(lines("a\n\nb", null), [[["", "a"]], [], [["", "b"]]])
})
