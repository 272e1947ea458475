/** @file A block of code: its language, a copy button, and lines that are coloured one by one. */

import { copyButton } from "../dom/clipboard.js"
import { h } from "../dom/h.js"
import { isLoaded, languageOf, lines, load, oneLine } from "../lib/highlight.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/highlight.js").Piece} Piece */

export class CodeBlock extends HTMLElement {
  #label = h("span", { class: "code-language" })
  #code = h("code")
  #text = ""
  #lang = ""
  #open = true
  #complete = 0 // characters of the text that stand in finished lines

  connectedCallback() {
    if (this.firstChild) return
    this.append(
      h("div", { class: "code-head" }, this.#label, copyButton(t("code.copy"), () => this.#text)),
      h("pre", { tabindex: "0", role: "group", "aria-label": t("code.label") }, this.#code),
    )
  }

  /**
   * While `open`, text is only added to; whole blocks are coloured once more in their context,
   * which changes no line that was right already.
   *
   * @param {string} lang @param {string} text @param {boolean} open
   */
  show(lang, text, open) {
    if (text === this.#text && lang === this.#lang && open === this.#open && this.#code.firstChild) return
    if (lang !== this.#lang) this.#name(lang)
    if (open && !goesOn(text, this.#text)) this.#clear()
    this.#text = text
    this.#open = open
    if (open) this.#grow()
    else this.#settle()
  }

  /** @param {string} lang */
  #name(lang) {
    this.#lang = lang
    this.#label.textContent = lang
    const name = languageOf(lang)
    if (name && !isLoaded(name)) load(name).then((loaded) => loaded && !this.#open && this.#settle())
    else if (!this.#open) this.#settle()
  }

  get #language() {
    const name = languageOf(this.#lang)
    return name && isLoaded(name) ? name : null
  }

  #clear() {
    this.#code.replaceChildren()
    this.#complete = 0
  }

  #grow() {
    const name = this.#language
    const fresh = this.#text.slice(this.#complete).split("\n")
    const partial = /** @type {string} */ (fresh.pop())
    const last = this.#code.lastElementChild
    const unfinished = last instanceof HTMLElement && last.dataset.partial !== undefined ? last : null
    for (const line of fresh) {
      this.#put(unfinished?.isConnected ? unfinished : null, oneLine(line, name))
      this.#complete += line.length + 1
    }
    this.#showPartial(partial)
  }

  /** The line in the making has no colours yet. @param {string} text */
  #showPartial(text) {
    const last = this.#code.lastElementChild
    const line = last instanceof HTMLElement && last.dataset.partial !== undefined
      ? last
      : this.#code.appendChild(h("span", { "data-partial": true }, ""))
    const node = line.firstChild ?? line.appendChild(document.createTextNode(""))
    const shown = /** @type {Text} */ (node)
    if (text.startsWith(shown.data)) shown.appendData(text.slice(shown.length))
    else shown.data = text
  }

  #settle() {
    const settled = lines(this.#text, this.#language)
    settled.forEach((pieces, index) => {
      const node = this.#code.children[index] ?? null
      this.#put(node, pieces, index < settled.length - 1)
    })
    while (this.#code.children.length > settled.length) this.#code.lastElementChild?.remove()
    this.#complete = this.#text.length + 1
  }

  /** A line in place of `node`, or at the end; a node that shows it already stays. @param {Element|null} node @param {Piece[]} pieces @param {boolean} [goesOn] */
  #put(node, pieces, goesOn = true) {
    const line = h("span", {}, ...pieces.map(piece), goesOn && "\n")
    if (!node) this.#code.append(line)
    else if (!node.isEqualNode(line)) node.replaceWith(line)
  }
}

/** Comparing all of a long text at each paint would cost more than painting: its end will do, as
 * the finished block is compared line by line. @param {string} text @param {string} before */
function goesOn(text, before) {
  const end = before.slice(-80)
  return text.startsWith(end, before.length - end.length)
}

/** @param {Piece} piece */
function piece([scope, text]) {
  return scope ? h("span", { class: `code-${scope}` }, text) : text
}

customElements.define("code-block", CodeBlock)
