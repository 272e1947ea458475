import assert from "node:assert/strict"
import { createRequire } from "node:module"
import { test } from "node:test"

import { Growing } from "../../static/js/lib/growing.js"
import { parser } from "../../static/js/lib/parser.js"

// The examples of CommonMark 0.31.2 are installed, not committed: their licence is another one.
const require = createRequire(new URL("../../build/npm/package.json", import.meta.url))
const examples = require("commonmark-spec").tests.map(({ markdown, html, ...one }) =>
  ({ ...one, markdown: markdown.replaceAll("→", "\t"), html: html.replaceAll("→", "\t") }))

parser.set({ linkify: false }) // addresses without "<>" are of GFM

// May only be raised. All others have raw HTML, which is text by design.
const PASSING = 580
const EMPTY = new Set(["hr", "br", "img"])
const BLOCKS = /\s*(<\/?(?:p|h[1-6]|ul|ol|li|blockquote|pre|hr)\b[^>]*>)\s*/g

test("the examples of CommonMark come out as it says, except for what is meant to differ", () => {
  const failing = examples.filter(({ markdown, html }) => shown(markdown) !== normal(labelled(html)))
  const list = failing.map(({ section, number }) => `${section}: ${number}`)
  assert.equal(examples.length, 652)
  assert.ok(examples.length - failing.length >= PASSING, list.join("\n"))
})

function shown(markdown) {
  const growing = new Growing()
  growing.append(markdown)
  return normal(growing.finish().trees.map(html).join("\n"))
}

/** A picture in a link is its label: there is no link inside a link. */
function labelled(text) {
  return text.replace(/(<a [^>]*>)<img [^>]*alt="([^"]*)"[^>]*>/g, "$1$2")
}

function html(tree) {
  if (typeof tree === "string") return escape(tree)
  const { tag, attrs = {}, children = [], lang, text } = tree
  const inside = children.map(html).join("")
  if (tag === "code-block") {
    const name = lang ? ` class="language-${escape(lang)}"` : ""
    return `<pre><code${name}>${escape(text)}${text ? "\n" : ""}</code></pre>`
  }
  if (tag === "a" && "data-picture" in attrs) {
    const { href, title } = attrs
    const alt = children[0] === "image" ? "" : inside
    return `<img src="${escape(href)}" alt="${alt}"${title ? ` title="${escape(title)}"` : ""} />`
  }
  const list = Object.entries(attrs).map(([name, value]) => ` ${name}="${escape(value)}"`).join("")
  return EMPTY.has(tag) ? `<${tag}${list} />` : `<${tag}${list}>${inside}</${tag}>`
}

/** Blanks around blocks mean nothing; inside `pre` they do. */
function normal(text) {
  return text.split(/(<pre>.*?<\/pre>)/s).map((part, index) =>
    index % 2 ? part : part.replace(BLOCKS, "$1").replace(/<br \/>\n/g, "<br />")).join("").trim()
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")
}
