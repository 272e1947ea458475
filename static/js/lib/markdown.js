/** @file Markdown to trees of allowed elements. The parser reads; only what is named here comes out. */

import { noteMark, noteTree } from "./notes.js"
import { parser } from "./parser.js"

/**
 * @typedef {string|{tag: string, attrs?: Record<string, string>, children?: Tree[],
 *   lang?: string, text?: string}} Tree
 * @typedef {import("./notes.js").Known} Known
 * @typedef {{tokens: any[], start: number, end: number}} Block lines of the source, end excluded
 */

/** Elements by the token that opens them. */
const OPENS = /** @type {Record<string, string>} */ ({
  paragraph_open: "p", blockquote_open: "blockquote", bullet_list_open: "ul",
  ordered_list_open: "ol", list_item_open: "li", thead_open: "thead", tbody_open: "tbody",
  tr_open: "tr", th_open: "th", td_open: "td", em_open: "em", strong_open: "strong", s_open: "s",
  footnote_reference_open: "note",
})

/**
 * The top-level blocks of the text. Definitions of links and notes in it are added to `known`.
 *
 * @param {string} text with "\n" as its only line end
 * @param {Known} known
 * @param {boolean} [grows] what may become one block when more comes is one block already
 * @returns {Block[]}
 */
export function parseBlocks(text, known, grows = false) {
  /** @type {any[]} */
  const tokens = []
  const { references, notes } = known
  parser.block.parse(text.replaceAll("\0", "\uFFFD"), parser, { references, footnotes: { refs: notes }, grows }, tokens)
  /** @type {Block[]} */
  const blocks = []
  for (const token of tokens) {
    if (token.level === 0 && token.nesting >= 0) {
      blocks.push({ tokens: [], start: token.map[0], end: token.map[1] })
    }
    blocks[blocks.length - 1]?.tokens.push(token)
  }
  return blocks
}

/** @param {Block} block @param {Known} known @param {(run: string) => Tree[]} inline as `parseInline` @returns {Tree} */
export function blockTree(block, known, inline) {
  const root = { tag: "", children: /** @type {Tree[]} */ ([]) }
  const open = [root]
  for (const token of block.tokens) {
    const into = open[open.length - 1]
    if (token.type === "inline") into.children.push(...inline(token.content))
    else if (LEAVES[token.type]) into.children.push(LEAVES[token.type](token))
    else if (token.hidden) continue // the paragraphs of a tight list
    else if (token.nesting < 0) close(open)
    else open.push(opened(token))
  }
  while (open.length > 1) close(open) // deeper than the parser goes: it leaves elements open
  const label = noteLabel(block)
  return label === undefined ? root.children[0] ?? "" : noteTree(label, root.children, known)
}

/** @param {Block} block @returns {string|undefined} of a footnote */
export function noteLabel({ tokens: [first] }) {
  return first?.type === "footnote_reference_open" ? first.meta.label : undefined
}

/**
 * A run of text inside a block.
 *
 * @param {string} content
 * @param {Known} known
 * @returns {Tree[]}
 */
export function parseInline(content, known) {
  const { references } = known
  const [token] = parser.parseInline(content, { references, footnotes: { refs: Object.create(known.notes) } })
  const root = { tag: "", children: /** @type {Tree[]} */ ([]) }
  const open = [root]
  for (const one of token.children) {
    if (one.nesting < 0) close(open)
    else if (one.nesting > 0) open.push(one.type === "link_open" ? link(one) : opened(one))
    else if (one.type === "footnote_ref") open[open.length - 1].children.push(noteMark(one.meta.label, known))
    else addInline(open, one)
  }
  while (open.length > 1) close(open)
  return root.children
}

/** Blocks without blocks or runs of text in them. */
const LEAVES = /** @type {Record<string, (token: any) => Tree>} */ ({
  fence: code, code_block: code, math_block: math, hr: () => ({ tag: "hr" }),
})

/** @typedef {{tag: string, attrs?: Record<string, string>, children: Tree[]}} Open */

/** @param {Open[]} open */
function close(open) {
  const done = /** @type {Open} */ (open.pop())
  const into = open[open.length - 1].children
  if (done.tag === "li") markTask(done)
  if (done.tag === "note") into.push(...done.children)
  else into.push(done.tag === "table" ? { tag: "div", children: [done] } : done)
}

/** @param {any} token @returns {Open} */
function opened(token) {
  const tag = token.type === "heading_open" ? token.tag : OPENS[token.type] ?? token.type.split("_")[0]
  /** @type {Open} */
  const node = { tag, children: [] }
  const align = /left|center|right/.exec(token.attrGet("style") ?? "")
  if (align) node.attrs = { "data-align": align[0] }
  if (tag === "ol" && token.attrGet("start") !== null) {
    node.attrs = { start: String(token.attrGet("start")) }
  }
  return node
}

/** The address is judged where the node is made. @param {any} token @returns {Open} */
function link(token) {
  return { tag: "a", attrs: titled({ href: token.attrGet("href") ?? "" }, token), children: [] }
}

/** @param {Record<string, string>} attrs @param {any} token */
function titled(attrs, token) {
  const title = token.attrGet("title")
  return title ? { ...attrs, title } : attrs
}

/** @param {Open[]} open @param {any} token */
function addInline(open, token) {
  const into = open[open.length - 1].children
  if (token.type === "softbreak") into.push("\n")
  else if (token.type === "hardbreak") into.push({ tag: "br" })
  else if (token.type === "code_inline") into.push({ tag: "code", children: [token.content] })
  else if (token.type === "math_inline") into.push(math(token))
  else if (token.type === "image") into.push(picture(token, open.some((one) => one.tag === "a")))
  else if (token.content) into.push(token.content)
}

/** A picture is never fetched: it is a link to it. @param {any} token @param {boolean} inLink @returns {Tree} */
function picture(token, inLink) {
  const label = parser.renderer.renderInlineAsText(token.children, parser.options, {}) || "image"
  if (inLink) return label
  return { tag: "a", attrs: titled({ href: token.attrGet("src") ?? "", "data-picture": "" }, token), children: [label] }
}

/** @param {any} token @returns {Tree} */
function code(token) {
  const lang = token.type === "fence" ? parser.utils.unescapeAll(token.info).trim().split(/\s+/)[0] : ""
  return { tag: "code-block", lang, text: token.content.replace(/\n$/, "") }
}

/** @param {any} token @returns {Tree} */
function math({ content, info, markup }) {
  return { tag: "math-text", lang: info, text: content, attrs: { markup } }
}

/** `[ ]` and `[x]` at the start of a list item are boxes. @param {Open} item */
function markTask(item) {
  const first = item.children[0]
  const holder = typeof first === "object" && first.tag === "p" ? first : item
  const children = /** @type {Tree[]} */ (holder.children)
  const text = children[0]
  const box = typeof text === "string" ? /^\[([ xX])\](?= )/.exec(text) : null
  if (!box || typeof text !== "string") return
  const state = box[1] === " " ? "open" : "done"
  children.splice(0, 1, { tag: "input", attrs: { "data-state": state } }, text.slice(3))
}
