import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { fileNameOf, previewOf } from "../../static/js/lib/code-kinds.js"
import { languageOf, lines, load, NAMES } from "../../static/js/lib/highlight.js"

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

test("a block of code can be saved under a name that fits, and drawn if it is a drawing", () => {
  const names = { py: "code.py", "C++": "code.cpp", html: "code.html", ts: "code.ts", "": "code.txt",
    dockerfile: "Dockerfile", "../x": "code.txt", toml: "code.toml", mermaid: "diagram.mmd", constructor: "code.txt" }
  for (const [label, name] of Object.entries(names)) assert.equal(fileNameOf(label), name)
  assert.deepEqual(["svg", "HTML", "mermaid", "xml", "constructor"].map(previewOf), ["svg", "html", "mermaid", null, null])
})

test("each language that is named can be loaded and colours something", async () => {
  const names = NAMES.values()
  let count = 0
  for (const name of names) {
    assert.ok(await load(name), name)
    count++
  }
  assert.ok(count >= 40)
})
