/** @file Markdown to trees of allowed elements. The parser reads; only what is named here comes out. */

import MarkdownIt from "../../vendor/markdown-it.js"
import { safeUrl } from "./url.js"

/**
 * @typedef {string|{tag: string, attrs?: Record<string, string>, children?: Tree[],
 *   lang?: string, text?: string}} Tree
 * @typedef {Record<string, {href: string, title?: string}>} References
 * @typedef {{tokens: any[], start: number, end: number}} Block lines of the source, end excluded
 */

const parser = new MarkdownIt({ html: false, linkify: true })
// What is not a link is decided where the tree is built: the label stays, the address goes.
parser.validateLink = () => true
// "main.py" and "node.js" are file names first: only what has a scheme is a link.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })

/** Elements by the token that opens them. */
const OPENS = /** @type {Record<string, string>} */ ({
  paragraph_open: "p", blockquote_open: "blockquote", bullet_list_open: "ul",
  ordered_list_open: "ol", list_item_open: "li", thead_open: "thead", tbody_open: "tbody",
  tr_open: "tr", th_open: "th", td_open: "td", em_open: "em", strong_open: "strong", s_open: "s",
})

/**
 * The top-level blocks of the text. Link definitions in it are added to `references`.
 *
 * @param {string} text with "\n" as its only line end
 * @param {References} references
 * @returns {Block[]}
 */
export function parseBlocks(text, references) {
  /** @type {any[]} */
  const tokens = []
  parser.block.parse(text.replaceAll("\0", "\uFFFD"), parser, { references }, tokens)
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

/** @param {Block} block @param {(run: string) => Tree[]} inline as `parseInline` @returns {Tree} */
export function blockTree(block, inline) {
  const root = { tag: "", children: /** @type {Tree[]} */ ([]) }
  const open = [root]
  for (const token of block.tokens) {
    const into = open[open.length - 1]
    if (token.type === "inline") into.children.push(...inline(token.content))
    else if (token.type === "fence" || token.type === "code_block") into.children.push(code(token))
    else if (token.type === "hr") into.children.push({ tag: "hr" })
    else if (token.hidden) continue // the paragraphs of a tight list
    else if (token.nesting < 0) close(open)
    else open.push(opened(token))
  }
  while (open.length > 1) close(open) // deeper than the parser goes: it leaves elements open
  return root.children[0] ?? ""
}

/**
 * A run of text inside a block.
 *
 * @param {string} content
 * @param {References} references
 * @returns {Tree[]}
 */
export function parseInline(content, references) {
  const [token] = parser.parseInline(content, { references })
  const root = { tag: "", children: /** @type {Tree[]} */ ([]) }
  const open = [root]
  for (const one of token.children) {
    if (one.nesting < 0) close(open)
    else if (one.nesting > 0) open.push(one.type === "link_open" ? link(one) : opened(one))
    else addInline(open, one)
  }
  while (open.length > 1) close(open)
  return root.children
}

/** @typedef {{tag: string, attrs?: Record<string, string>, children: Tree[]}} Open */

/** @param {Open[]} open */
function close(open) {
  const done = /** @type {Open} */ (open.pop())
  const into = open[open.length - 1].children
  if (done.tag === "li") markTask(done)
  if (done.tag === "span") into.push(...done.children)
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

/** `span`: only the label may stay. @param {any} token @returns {Open} */
function link(token) {
  const href = safeUrl(token.attrGet("href") ?? "")
  return href ? { tag: "a", attrs: { href }, children: [] } : { tag: "span", children: [] }
}

/** @param {Open[]} open @param {any} token */
function addInline(open, token) {
  const into = open[open.length - 1].children
  if (token.type === "softbreak") into.push("\n")
  else if (token.type === "hardbreak") into.push({ tag: "br" })
  else if (token.type === "code_inline") into.push({ tag: "code", children: [token.content] })
  else if (token.type === "image") into.push(picture(token, open.some((one) => one.tag === "a")))
  else if (token.content) into.push(token.content)
}

/** A picture is never fetched: it is a link to it. @param {any} token @param {boolean} inLink @returns {Tree} */
function picture(token, inLink) {
  const href = safeUrl(token.attrGet("src") ?? "")
  const label = token.content || "image"
  if (!href || inLink) return label
  return { tag: "a", attrs: { href, "data-picture": "" }, children: [label] }
}

/** @param {any} token @returns {Tree} */
function code(token) {
  const lang = token.type === "fence" ? token.info.trim().split(/\s+/)[0] : ""
  return { tag: "code-block", lang, text: token.content.replace(/\n$/, "") }
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
