import assert from "node:assert/strict"
import { test } from "node:test"

import { Growing } from "../../static/js/lib/growing.js"
import { loadMaths } from "../../static/js/lib/maths.js"

// T-FUZZ: no text becomes anything but the elements and attributes that are named here, and no
// address has another scheme than these as a browser reads it.
const TAGS = new Set(["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "hr", "br", "em",
  "strong", "s", "code", "a", "div", "table", "thead", "tbody", "tr", "th", "td", "input", "code-block",
  "math-text", "sup", "section", "button", "span"])
const ATTRIBUTES = new Set(["href", "title", "start", "data-align", "data-state", "data-picture", "data-note",
  "data-back", "markup", "class", "id", "type", "tabindex", "role", "aria-label", "value", "open"])
const SCHEMES = new Set(["http:", "https:", "mailto:"])

const PIECES = ["<script>", "</script>", "<img src=x onerror=a()>", "<svg/onload=a()>", "javascript:", "JaVaScRiPt:",
  "java&#10;script:a", "&#106;avascript:a", "data:text/html,x", "vbscript:x", "file:///x", "blob:x", "//e.org", "\\\\e",
  "http://e.org", "mailto:a@b", "[", "]", "(", ")", "<", ">", "![", "](", "][", "]: ", "[^1]", "[^1]: ", "`", "```", "~~~",
  "$", "$$", "\\(", "\\[", "\\href{javascript:a}{x}", "|", "|-|", "- ", "1. ", "# ", "> ", "    ", "\t", "\n", "\n\n", "\r",
  "*", "_", "**", "~~", "\\", "&", "&#0;", "\0", "\u202e", "\ud800", "\u2028", '"', "'", " ", "a", "- [ ] ", "www.e.org", "a@b.c",
  "on=", "style=", "{", "}", "%0a", "\x01"]

function generator(seed) {
  return (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below
}

/** What a browser cannot read leads nowhere. */
function schemeOf(address) {
  return URL.canParse(address, "http://own.example/") ? new URL(address, "http://own.example/").protocol : "http:"
}

function check(tree, text) {
  if (typeof tree === "string") return
  assert.ok(TAGS.has(tree.tag), `${tree.tag} of ${JSON.stringify(text)}`)
  for (const [name, value] of Object.entries(tree.attrs ?? {})) {
    assert.ok(ATTRIBUTES.has(name), `${name} of ${JSON.stringify(text)}`)
    if (name === "href") assert.ok(SCHEMES.has(schemeOf(value)), `${value} of ${JSON.stringify(text)}`)
  }
  for (const child of tree.children ?? []) check(child, text)
}

test("4,000 texts of hostile pieces become nothing but what is allowed, whole or in parts", async () => {
  await loadMaths()
  const random = generator(7)
  for (let count = 0; count < 4_000; count++) {
    const text = Array.from({ length: 1 + random(12) }, () => PIECES[random(PIECES.length)]).join("")
    const growing = new Growing()
    const cut = random(text.length + 1)
    growing.append(text.slice(0, cut))
    const shown = growing.read().trees
    growing.append(text.slice(cut))
    for (const tree of [...shown, ...growing.finish().trees]) check(tree, text)
  }
})
