/** @file The lines of a block of code: added to while it is written, coloured in slices when it is whole. */

import { oneLine, WHOLE_CHARACTERS, lines } from "../lib/highlight.js"
import { h } from "./h.js"
import { soon } from "./slices.js"

/** @typedef {import("../lib/highlight.js").Piece} Piece */

const BATCH = 100 // lines
const MOST_AT_ONCE = 100 // lines that come at once are coloured at once only if they are few

export class CodeLines {
  #complete = 0 // characters of the text that stand in finished lines
  #work = 0 // number of the last settling: an older one that still waits is void

  /** @param {HTMLElement} code */
  constructor(code) {
    this.code = code
  }

  clear() {
    this.#work++
    this.code.replaceChildren()
    this.#complete = 0
  }

  /** The text goes on. @param {string} text all of it @param {string|null} language */
  grow(text, language) {
    this.#work++
    const fresh = text.slice(this.#complete).split("\n")
    const partial = /** @type {string} */ (fresh.pop())
    const last = this.#partial
    const name = fresh.length > MOST_AT_ONCE ? null : language
    for (const line of fresh) {
      this.#put(last?.isConnected ? last : null, oneLine(line, name))
      this.#complete += line.length + 1
    }
    this.#showPartial(partial)
  }

  get #partial() {
    const last = this.code.lastElementChild
    return last instanceof HTMLElement && last.dataset.partial !== undefined ? last : null
  }

  /** The line in the making has no colours yet. @param {string} text */
  #showPartial(text) {
    const line = this.#partial ?? this.code.appendChild(h("span", { "data-partial": true }, ""))
    const shown = /** @type {Text} */ (line.firstChild ?? line.appendChild(document.createTextNode("")))
    if (text.startsWith(shown.data)) shown.appendData(text.slice(shown.length))
    else shown.data = text
  }

  /** The text is whole. What is long is coloured line by line, in batches. @param {string} text @param {string|null} language */
  settle(text, language) {
    const work = ++this.#work
    this.#complete = text.length + 1
    if (!this.code.firstChild) this.code.append(text) // plain until its turn comes
    const isPlain = this.code.firstChild instanceof Text
    soon(() => {
      if (work !== this.#work) return
      if (isPlain) this.code.replaceChildren()
      if (text.length <= WHOLE_CHARACTERS) this.#putAll(lines(text, language))
      else this.#settleFrom(0, text.split("\n"), language, work)
    })
  }

  /** @param {Piece[][]} all */
  #putAll(all) {
    all.forEach((pieces, at) => this.#put(this.code.children[at] ?? null, pieces, at < all.length - 1))
    while (this.code.childNodes.length > all.length) this.code.lastChild?.remove()
  }

  /** @param {number} from @param {string[]} all @param {string|null} language @param {number} work */
  #settleFrom(from, all, language, work) {
    if (work !== this.#work) return
    const end = Math.min(from + BATCH, all.length)
    const rest = this.code.lastChild instanceof Text ? this.code.lastChild : null
    rest?.remove()
    for (let at = from; at < end; at++) {
      this.#put(this.code.children[at] ?? null, oneLine(all[at], language), at < all.length - 1)
    }
    if (end === all.length) {
      while (this.code.childNodes.length > all.length) this.code.lastChild?.remove()
      return
    }
    if (this.code.children.length <= end) this.code.append(all.slice(end).join("\n"))
    soon(() => this.#settleFrom(end, all, language, work))
  }

  /** A line in place of `node`, or at the end; a node that shows it already stays. @param {Element|null} node @param {Piece[]} pieces @param {boolean} [goesOn] */
  #put(node, pieces, goesOn = true) {
    const line = h("span", {}, ...pieces.map(piece), goesOn && "\n")
    if (!node) this.code.append(line)
    else if (!node.isEqualNode(line)) node.replaceWith(line)
  }
}

/** @param {Piece} piece */
function piece([scope, text]) {
  return scope ? h("span", { class: `code-${scope}` }, text) : text
}
