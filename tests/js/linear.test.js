import assert from "node:assert/strict"
import { test } from "node:test"

import { Growing } from "../../static/js/lib/growing.js"
import { loadMaths } from "../../static/js/lib/maths.js"

// Work is counted, not timed: the characters that are looked at by the calls of the engine that
// search, cut and compare text.
const COUNTED = ["charCodeAt", "indexOf", "slice", "startsWith", "lastIndexOf", "split"]

function workOf(text) {
  let work = 0
  const originals = COUNTED.map((name) => [name, String.prototype[name]])
  for (const [name, original] of originals) {
    String.prototype[name] = function (...parameters) {
      const result = original.apply(this, parameters)
      if (name === "indexOf") work += (result < 0 ? this.length : result) - Math.min(parameters[1] ?? 0, this.length) + 1
      else if (name === "slice") work += 1 + result.length / 64
      else work += 1
      return result
    }
  }
  try {
    const growing = new Growing()
    growing.append(text)
    growing.finish()
  } finally {
    for (const [name, original] of originals) String.prototype[name] = original
  }
  return work
}

const PATHS = {
  "links that are never closed": (n) => "[a](".repeat(n),
  "pictures that are never closed": (n) => "![".repeat(n),
  "stars": (n) => "*".repeat(4 * n),
  "underscores": (n) => "_a".repeat(n),
  "ticks of all lengths": (n) => Array.from({ length: Math.sqrt(n) }, (_, at) => "`".repeat(at)).join("e"),
  "one long line": (n) => "word ".repeat(n),
  "dollars": (n) => "$".repeat(n),
  "dollars that open": (n) => "a $b ".repeat(n),
  "dollars that close": (n) => "a$ b$ ".repeat(n),
  "double dollars that open": (n) => "$$a ".repeat(n) + "b",
  "lines of double dollars": (n) => "$$ a b\n".repeat(n) + "c",
  "brackets of maths that open": (n) => "\\[a \\(b ".repeat(n),
  "lines of brackets of maths": (n) => "\\[ a\n".repeat(n),
  "formulas": (n) => "$a_1$ and \\(b\\) ".repeat(n),
  "notes": (n) => Array.from({ length: n / 8 }, (_, at) => `x[^${at}]\n\n[^${at}]: y\n`).join("\n"),
  "mentions of no note": (n) => "[^a] ".repeat(n),
  "notes that mention each other": (n) => Array.from({ length: n / 8 }, (_, at) => `[^${at}]: y[^${at + 1}]\n`).join("\n"),
  "definitions": (n) => Array.from({ length: n / 8 }, (_, at) => `[a${at}]: http://e.org/${at}`).join("\n"),
  "addresses": (n) => "www.example.org/a(b http://e.org ".repeat(n / 8),
  "dots of an address": (n) => "www." + "a.".repeat(n),
  "mail addresses": (n) => "a@".repeat(n),
  "rows of a table": (n) => "|a|b|\n|-|-|\n" + "|x|y|\n".repeat(n),
  "quotes in quotes": (n) => ">".repeat(n),
}

for (const [name, make] of Object.entries(PATHS)) {
  test(`${name} cost twice as much when there are twice as many`, async () => {
    await loadMaths()
    workOf(make(64))
    const [once, twice] = [workOf(make(4096)), workOf(make(8192))]
    assert.ok(twice <= 2.6 * once, `${once} and ${twice}`)
  })
}
