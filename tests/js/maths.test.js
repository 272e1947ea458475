import assert from "node:assert/strict"
import { test } from "node:test"

import { Growing } from "../../static/js/lib/growing.js"
import { loadMaths, mathTree } from "../../static/js/lib/maths.js"

function formulas(text) {
  const growing = new Growing()
  growing.append(text)
  const found = []
  const walk = (tree) => {
    if (tree.tag === "math-text") found.push([tree.lang, tree.text])
    tree.children?.forEach(walk)
  }
  growing.finish().trees.forEach(walk)
  return found
}

test("formulas are known by their four signs", () => {
  assert.deepEqual(formulas("a $x_1$ b \\(y_1*z*\\) c"), [["", "x_1"], ["", "y_1*z*"]])
  assert.deepEqual(formulas("so:\n$$\nx\n+ y\n$$\n\n\\[ z \\]"), [["block", "\nx\n+ y\n"], ["block", " z "]])
  assert.deepEqual(formulas("in $$x$$ line, \\[y\\] too"), [["block", "x"], ["block", "y"]])
  assert.deepEqual(formulas("- $$\n  a\n  $$\n> \\[\n> b\n> \\]"), [["block", "\na\n"], ["block", "\nb\n"]])
})

test("money, variables, code and what is not closed are no maths", () => {
  for (const text of ["$5 and $6", "from $5 to $10, or US$7", "$HOME and $PATH", "`$a$`", "$ a $", "\\$a\\$",
    "$$\nx\n\n$$", "$a", "\\(a", "\\[a", "$$a", "\\( \\)", "a$b$c", "$5/$6"]) {
    assert.deepEqual(formulas(text), [], text)
  }
})

test("a formula that grows is text until it is closed", () => {
  const growing = new Growing()
  growing.append("$$\na\n- b\n")
  assert.ok(growing.read().trees.every((tree) => tree.tag !== "math-text"))
  growing.append("$$\n")
  assert.deepEqual(growing.read().trees, [
    { tag: "math-text", lang: "block", text: "\na\n- b\n", attrs: { markup: "$$" } }])
})

test("maths becomes elements of MathML only, and what is none stays text", async () => {
  assert.ok(await loadMaths())
  const tree = mathTree("\\frac{a}{\\sqrt{b}} \\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", true)
  assert.equal(tree.tag, "math")
  assert.equal(tree.attrs.display, "block")
  for (const bad of ["\\frac{", "\\nosuchthing", "x".repeat(9000)]) assert.equal(mathTree(bad, false), null)
})

test("a formula can neither name an address nor ask for endless work", async () => {
  assert.ok(await loadMaths())
  for (const tex of ["\\href{javascript:alert(1)}{x}", "\\url{http://e.org}", "\\includegraphics{http://e.org/a.png}",
    "\\class{app}{x}", "\\style{background:url(http://e.org)}{x}", "\\id{a}{x}", "\\data{a=b}{x}"]) {
    const found = JSON.stringify(mathTree(tex, false) ?? "")
    assert.ok(!/"(href|src|class|id|data-a)":|url\(/.test(found), `${tex}: ${found}`)
  }
  const bomb = "\\def\\a{xxxxxxxxxx}" + "bcdefghij".split("").map((name, at) =>
    `\\def\\${name}{${`\\${"abcdefghij"[at]}`.repeat(10)}}`).join("") + "\\j"
  assert.equal(mathTree(bomb, false), null)
  assert.equal(mathTree("\\def\\a{\\a\\a}\\a", false), null)
})
