/** @file What a model thought: open while it thinks, folded away when the answer begins, and closed
 * from the start where an answer is continued: it would push away what is read. */

import { h } from "../dom/h.js"
import { MarkdownView } from "../dom/markdown-view.js"
import { t } from "../lib/t.js"
import { wholeThoughts, wholeThoughtSeconds } from "../lib/whole.js"
import { thought } from "../lib/words.js"

export class ThoughtBlock extends HTMLElement {
  #text = h("div", { class: "prose", dir: "auto" })
  #summary = h("summary")
  #details = h("details", { class: "reasoning" }, this.#summary, this.#text)
  #view = new MarkdownView(this.#text)
  /** @type {boolean|null} */
  #thinking = null

  connectedCallback() {
    if (!this.firstChild) this.append(this.#details)
  }

  /** @param {import("../types.js").Reply} reply @param {boolean} running */
  show(reply, running) {
    const thoughts = wholeThoughts(reply)
    const thinking = running && !reply.content && !reply.before?.content
    this.hidden = !thoughts
    if (running) this.#view.show(thoughts)
    else this.#view.finish(thoughts)
    // Only the change folds and unfolds: after that it is the reader's.
    if (thinking !== this.#thinking) this.#details.open = thinking
    this.#thinking = thinking
    this.#summary.textContent = thinking ? t("thought.running") : thought(wholeThoughtSeconds(reply))
  }
}

customElements.define("thought-block", ThoughtBlock)
