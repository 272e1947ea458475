/** @file Markdown that grows: finished blocks are read once, only the open tail again. */
import { blockTree, parseBlocks, parseInline } from "./markdown.js"

/** @typedef {import("./markdown.js").Tree} Tree @typedef {import("./markdown.js").References} References */
/** @typedef {{source: string, known: number, tree: Tree}} Settled `known` link definitions then */

const FENCE = /^(`{3,}|~{3,})[^\n]*\n/

export class Growing {
  #source = ""
  #carriageReturn = false
  #start = 0 // of the open tail in the source
  #judged = 0 // complete lines up to here have been looked at
  #settled = /** @type {Settled[]} */ ([])
  #references = /** @type {References} */ ({})
  /** @type {Map<string, Tree[]>} runs of text of the last reading of the tail */
  #runs = new Map()
  /** @type {{body: number, judged: number, lang: string, end: RegExp}|null} */
  #fence = null
  #read = 0 // settled blocks that have been handed out

  /** @param {string} text */
  append(text) {
    if (this.#carriageReturn) text = `\r${text}`
    this.#carriageReturn = text.endsWith("\r")
    if (this.#carriageReturn) text = text.slice(0, -1)
    this.#source += text.replace(/\r\n?/g, "\n")
  }

  /**
   * The trees that changed since the last reading: all from the block number `from` on.
   *
   * @returns {{from: number, trees: Tree[]}}
   */
  read() {
    const open = this.#openFence() ?? this.#openTail()
    const from = this.#read
    this.#read = this.#settled.length
    return { from, trees: [...this.#settled.slice(from).map((one) => one.tree), ...open] }
  }

  /** The last reading, all definitions known: the same trees for any way of appending. */
  finish() {
    if (this.#carriageReturn) this.#source += "\n"
    this.#carriageReturn = false
    this.#fence = null
    this.#settle(this.#source.length)
    const known = Object.keys(this.#references).length
    for (const one of this.#settled) {
      if (one.known === known || !one.source.includes("[")) continue
      const [block] = parseBlocks(one.source, {})
      if (block) one.tree = blockTree(block, (run) => parseInline(run, this.#references))
    }
    return { from: 0, trees: this.#settled.map((one) => one.tree) }
  }

  /** Inside a code fence a line is only compared with the end of the fence. @returns {Tree[]|null} */
  #openFence() {
    const fence = this.#fence
    if (!fence) return null
    for (;;) {
      const end = this.#source.indexOf("\n", fence.judged)
      const line = this.#source.slice(fence.judged, end < 0 ? undefined : end)
      const mayEnd = /^ {0,3}[`~]*[ \t]*$/.test(line)
      if (end < 0) return [this.#code(fence, mayEnd ? fence.judged : undefined)]
      if (fence.end.test(line)) break
      fence.judged = end + 1
    }
    this.#fence = null
    return null
  }

  /** @param {{body: number, lang: string}} fence @param {number} [end] @returns {Tree} */
  #code(fence, end) {
    let text = this.#source.slice(fence.body, end)
    if (text.endsWith("\n")) text = text.slice(0, -1)
    return { tag: "code-block", lang: fence.lang, text, attrs: { open: "" } }
  }

  /** @returns {Tree[]} */
  #openTail() {
    this.#settleLines()
    const tail = this.#source.slice(this.#start)
    const references = { ...this.#references }
    const blocks = parseBlocks(tail, references)
    const before = this.#runs
    this.#runs = new Map()
    const trees = blocks.map((block) => blockTree(block, (run) => {
      const trees = before.get(run) ?? parseInline(run, references)
      this.#runs.set(run, trees)
      return trees
    }))
    return this.#enterFence(tail, blocks, trees)
  }

  /**
   * A block is finished once a later one has begun on a complete line: before that, the next
   * character may still join them ("#" is a heading, "#a" goes on with the paragraph).
   */
  #settleLines() {
    const end = this.#source.lastIndexOf("\n") + 1
    if (end <= this.#judged || end <= this.#start) return
    this.#judged = end
    const lines = this.#source.slice(this.#start, end)
    const blocks = parseBlocks(lines, {})
    if (blocks.length > 1) this.#settle(this.#start + offsetOf(lines, blocks[blocks.length - 2].end))
  }

  /** @param {number} end */
  #settle(end) {
    const text = this.#source.slice(this.#start, end)
    const blocks = parseBlocks(text, this.#references)
    const known = Object.keys(this.#references).length
    const lines = text.split("\n")
    for (const block of blocks) {
      const source = lines.slice(block.start, block.end).join("\n")
      const tree = blockTree(block, (run) => parseInline(run, this.#references))
      this.#settled.push({ source, known, tree })
    }
    this.#start = end
    this.#runs.clear() // of a tail in which other definitions were known
  }

  /** @param {string} tail @param {import("./markdown.js").Block[]} blocks @param {Tree[]} trees */
  #enterFence(tail, blocks, trees) {
    const last = blocks[blocks.length - 1]
    if (blocks.length !== 1 || last.tokens[0].type !== "fence") return trees
    const begin = offsetOf(tail, last.start)
    const opening = FENCE.exec(tail.slice(begin))
    if (!opening) return trees
    const mark = opening[1]
    const end = new RegExp(`^ {0,3}${mark[0]}{${mark.length},}[ \\t]*$`)
    const body = this.#start + begin + opening[0].length
    const tree = /** @type {{lang: string}} */ (trees[0])
    this.#fence = { body, judged: body, lang: tree.lang, end }
    return this.#openFence() ?? trees
  }
}

/** @param {string} text @param {number} line @returns {number} where the line begins */
function offsetOf(text, line) {
  let offset = 0
  for (let i = 0; i < line; i++) {
    const end = text.indexOf("\n", offset)
    if (end < 0) return text.length
    offset = end + 1
  }
  return offset
}
