/** @file What follows the first text of an answer with tools: the cards of the calls, and the text after each. */

import { h } from "../dom/h.js"
import { MarkdownView } from "../dom/markdown-view.js"
import { style } from "../dom/style.js"
import { ToolCard } from "./tool-card.js"

/** @typedef {import("../lib/tools.js").Section} Section @typedef {{element: HTMLElement, cards: HTMLElement, prose: HTMLElement, view: MarkdownView}} Step */

await style("tool-cards")

export class ToolSteps extends HTMLElement {
  /** @type {Step[]} */
  #steps = []

  /** @param {Section[]} sections those after the first one @param {string|null} job that runs, if one does */
  show(sections, job) {
    while (this.#steps.length > sections.length) this.#steps.pop()?.element.remove()
    sections.forEach(({ runs, text }, index) => {
      const step = this.#steps[index] ?? this.#add()
      this.#showCards(step.cards, runs, job)
      if (job !== null && index === sections.length - 1) step.view.show(text)
      else step.view.finish(text)
    })
    this.hidden = sections.length === 0
  }

  /** The texts, without the cards. */
  get proses() {
    return this.#steps.map(({ prose }) => prose)
  }

  #add() {
    const prose = h("div", { class: "prose", dir: "auto" })
    const cards = h("div", { class: "tool-cards" })
    const element = h("div", { class: "tool-step" }, cards, prose)
    const step = { element, cards, prose, view: new MarkdownView(prose) }
    this.#steps.push(step)
    this.append(element)
    return step
  }

  /** @param {HTMLElement} cards @param {import("../types.js").ToolRun[]} runs @param {string|null} job */
  #showCards(cards, runs, job) {
    while (cards.childElementCount > runs.length) cards.lastElementChild?.remove()
    runs.forEach((run, index) => {
      const known = /** @type {ToolCard|undefined} */ (cards.children[index])
      const card = known ?? new ToolCard()
      if (!known) cards.append(card)
      card.show(run, job)
    })
  }
}

customElements.define("tool-steps", ToolSteps)
