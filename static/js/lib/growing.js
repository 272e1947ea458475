/** @file Markdown that grows: finished blocks are read once, only the open tail again. */
import { blockTree, noteLabel, parseBlocks, parseInline } from "./markdown.js"
import { gathered, layerOn, nothingKnown } from "./notes.js"

/** @typedef {import("./markdown.js").Tree} Tree @typedef {import("./notes.js").Known} Known */
/** @typedef {{source: string, end: number, tree: Tree, note: string|undefined}} Settled
 * `end`: how far definitions were known then; `note`: the label, if it is one */

const FENCE = /^(`{3,}|~{3,})[^\n]*\n/
const OPEN_LINK = /!?\[([^[\]\n]+)\]\([^()\s]*$/

export class Growing {
  #source = ""
  #carriageReturn = false
  #start = 0 // of the open tail in the source
  #judged = 0 // complete lines up to here have been looked at
  #settled = /** @type {Settled[]} */ ([])
  #known = nothingKnown()
  #defined = 0 // up to here there may be definitions
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
    this.#known.numbers.clear()
    const noted = Object.keys(this.#known.notes).length > 0
    for (const one of this.#settled) {
      const linked = one.end < this.#defined && one.source.includes("[")
      if (one.note !== undefined) one.tree = ""
      else if (linked || (noted && one.source.includes("[^"))) one.tree = this.#again(one)
    }
    const notes = this.#settled.filter((one) => one.note !== undefined)
    const labels = notes.map((one) => /** @type {string} */ (one.note))
    const list = gathered(labels, (index) => this.#again(notes[index]), this.#known)
    return { from: 0, trees: [...this.#settled.map((one) => one.tree), ...list] }
  }

  /** @param {Settled} one @returns {Tree} with all definitions known */
  #again({ source, tree }) {
    const [block] = parseBlocks(source, nothingKnown())
    return block ? blockTree(block, this.#known, (run) => parseInline(run, this.#known)) : tree
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
    const tail = withoutAddress(this.#source.slice(this.#start))
    const known = layerOn(this.#known)
    const blocks = parseBlocks(tail, known)
    const before = this.#runs
    this.#runs = new Map()
    const trees = blocks.map((block) => blockTree(block, known, (run) => {
      const trees = before.get(run) ?? parseInline(run, known)
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
    const blocks = parseBlocks(lines, nothingKnown(), true)
    // Maths without its end may turn out to be the rest of the paragraph before it.
    const open = blocks[blocks.length - 1]?.tokens[0].meta?.pending ? 2 : 1
    const last = blocks[blocks.length - 1 - open]
    if (last) this.#settle(this.#start + offsetOf(lines, last.end))
  }

  /** @param {number} end */
  #settle(end) {
    const text = this.#source.slice(this.#start, end)
    const blocks = parseBlocks(text, this.#known)
    if (text.includes("]:")) this.#defined = end
    const lines = text.split("\n")
    for (const block of blocks) {
      const source = lines.slice(block.start, block.end).join("\n")
      const tree = blockTree(block, this.#known, (run) => parseInline(run, this.#known))
      this.#settled.push({ source, end, tree, note: noteLabel(block) })
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

/** An address that is still being written would break lines that its end joins again. @param {string} tail */
function withoutAddress(tail) {
  return tail.includes("](") ? tail.replace(OPEN_LINK, "$1") : tail
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
