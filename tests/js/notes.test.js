import assert from "node:assert/strict"
import { test } from "node:test"

import { Growing } from "../../static/js/lib/growing.js"

function trees(text) {
  const growing = new Growing()
  growing.append(text)
  return growing.finish().trees
}

function words(tree) {
  if (typeof tree === "string") return tree
  return tree.tag === "math-text" ? `<${tree.text}>` : (tree.children ?? []).map(words).join("")
}

function all(tree, tag, found = []) {
  if (typeof tree === "string") return found
  if (tree.tag === tag) found.push(tree)
  for (const child of tree.children ?? []) all(child, tag, found)
  return found
}

test("notes are numbered as they are mentioned, and stand at the end", () => {
  const found = trees("b[^b] a[^a] b[^b]\n\n[^a]: A\n[^b]: B\n\nlast")
  assert.equal(words(found[0]), "b1 a2 b1")
  assert.equal(words(found[3]), "last")
  assert.deepEqual(all(found.at(-1), "li").map(words), ["B ↩", "A ↩"])
})

test("a note may mention another one, and one that nobody mentions is kept", () => {
  const found = trees("[^c]: lonely\n\nx[^a]\n\n[^a]: see [^b]\n\n[^b]: here\n\n    and here")
  assert.deepEqual(all(found.at(-1), "li").map(words), ["see 2 ↩", "hereand here ↩", "lonely ↩"])
})

test("what no note explains stays as it was written", () => {
  assert.equal(words(trees("any of [^abc] and [^1]")[0]), "any of [^abc] and [^1]")
  assert.equal(words(trees("> [^1]: in a quote")[0]), "[^1]: in a quote")
  assert.equal(words(trees("x^[y]")[0]), "x^[y]")
})

test("links without a scheme begin with www, and end before the punctuation", () => {
  const hrefs = (text) => all(trees(text)[0], "a").map((one) => one.attrs.href)
  assert.deepEqual(hrefs("(see www.example.org/a_(b)). main.py node.js"), ["http://www.example.org/a_(b)"])
  assert.deepEqual(hrefs("www.a_b.example_x www. xwww.example.org"), [])
  assert.deepEqual(hrefs("mail me@example.org, https://e.org/x."), ["mailto:me@example.org", "https://e.org/x"])
})
