/** @file Shows Markdown that grows, in an element of its own. */

import { Growing } from "../lib/growing.js"
import { followNote } from "./note-links.js"
import { patch } from "./patch.js"

export class MarkdownView {
  #growing = new Growing()
  /** @type {import("../lib/markdown.js").Tree[]} what the element shows */
  #trees = []
  #text = ""
  #finished = false

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    root.addEventListener("click", followNote)
  }

  /** @param {string} text all of it; until it is finished it only grows, or a stop cuts its end */
  show(text) {
    if (text === this.#text) return
    this.#take(text)
    this.#paint(this.#growing.read())
  }

  /** No more comes. @param {string} text */
  finish(text) {
    if (text !== this.#text) this.#take(text)
    if (!this.#finished) this.#paint(this.#growing.finish())
    this.#finished = true
  }

  /** @param {string} text */
  #take(text) {
    if (this.#finished || text.length < this.#text.length) this.#reset()
    this.#growing.append(text.slice(this.#text.length))
    this.#text = text
  }

  /** @param {{from: number, trees: import("../lib/markdown.js").Tree[]}} reading */
  #paint({ from, trees }) {
    patch(this.root, this.#trees.slice(from), trees, from)
    this.#trees.splice(from, Infinity, ...trees)
  }

  #reset() {
    this.#growing = new Growing()
    this.#text = ""
    this.#finished = false
  }
}
