import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { Growing } from "../../static/js/lib/growing.js"

function shown(growing) {
  const trees = []
  return (text) => {
    growing.append(text)
    const { from, trees: changed } = growing.read()
    trees.splice(from, Infinity, ...changed)
    return trees
  }
}

test("finished blocks are handed out once", () => {
  const growing = new Growing()
  growing.append("one\n\ntwo\n\nthr")
  assert.equal(growing.read().from, 0)
  growing.append("ee")
  const { from, trees } = growing.read()
  assert.equal(from, 1)
  assert.deepEqual(trees.at(-1), { tag: "p", children: ["three"] })
})

test("a block stays open while the next characters may still join it", () => {
  const view = shown(new Growing())
  assert.equal(view("text\n#").length, 2)
  assert.deepEqual(view("a"), [{ tag: "p", children: ["text", "\n", "#a"] }])
})

test("an open fence shows its code, and not the half of its end", () => {
  const view = shown(new Growing())
  const code = (text) => ({ tag: "code-block", lang: "js", text, attrs: { open: "" } })
  assert.deepEqual(view("```js\nlet a"), [code("let a")])
  assert.deepEqual(view("\n``"), [code("let a")])
  assert.deepEqual(view("`\n\nafter"), [
    { tag: "code-block", lang: "js", text: "let a" }, { tag: "p", children: ["after"] }])
})

test("of a link whose address is being written the text is shown, and all of it if it ends there", () => {
  const growing = new Growing()
  const view = shown(growing)
  assert.deepEqual(view("see [the docs](https://exam"), [{ tag: "p", children: ["see the docs"] }])
  assert.deepEqual(view("ple.org) ![plan](x"), [
    { tag: "p", children: ["see ", { tag: "a", children: ["the docs"], attrs: { href: "https://example.org" } }, " plan"] }])
  assert.equal(growing.finish().trees[0].children.at(-1), " ![plan](x")
})

test("a definition at the end reaches the links before it", () => {
  const growing = new Growing()
  growing.append("see [here]\n\nmore\n\n[here]: https://e.org/\n")
  growing.read()
  const [first] = growing.finish().trees
  assert.deepEqual(first.children, ["see ", { tag: "a", attrs: { href: "https://e.org/" }, children: ["here"] }])
})

test("markup is text, and pictures are links", () => {
  const growing = new Growing()
  growing.append("<b>x</b> ![p](https://e.org/p)")
  const [paragraph] = growing.finish().trees
  assert.deepEqual(paragraph.children, ["<b>x</b> ",
    { tag: "a", attrs: { href: "https://e.org/p", "data-picture": "" }, children: ["p"] }])
})
