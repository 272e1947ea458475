/** @file A formula: its source until it can be read, and for good where it cannot. */

import { h } from "../dom/h.js"
import { soon } from "../dom/slices.js"
import { areMathsLoaded, loadMaths, mathTree } from "../lib/maths.js"

/** @typedef {import("../lib/maths.js").MathTree} MathTree */

const MATHML = "http://www.w3.org/1998/Math/MathML"
const CLOSING = /** @type {Record<string, string>} */ ({ "\\(": "\\)", "\\[": "\\]" })

export class MathText extends HTMLElement {
  #tex = ""
  #markup = ""
  #display = false

  /** @param {Exclude<import("../lib/markdown.js").Tree, string>} tree */
  show({ text = "", lang, attrs }) {
    const markup = attrs?.markup ?? ""
    if (text === this.#tex && markup === this.#markup) return
    this.#tex = text
    this.#markup = markup
    this.#display = lang === "block"
    this.toggleAttribute("data-display", this.#display)
    this.textContent = this.source
    if (areMathsLoaded()) this.#draw()
    else loadWithStyle().then((loaded) => loaded && this.#draw())
  }

  /** As it was written. */
  get source() {
    return this.#markup + this.#tex + (CLOSING[this.#markup] ?? this.#markup)
  }

  #draw() {
    const tex = this.#tex
    soon(() => {
      if (tex !== this.#tex) return
      const tree = mathTree(tex, this.#display)
      if (tree) this.replaceChildren(nodeOf(tree))
      this.toggleAttribute("data-source", !tree)
    })
  }
}

function loadWithStyle() {
  const href = new URL("../../vendor/temml.css", import.meta.url).href
  if (!document.head.querySelector(`link[href="${href}"]`)) document.head.append(h("link", { rel: "stylesheet", href }))
  return loadMaths()
}

/** @param {MathTree} tree @returns {Node} */
function nodeOf({ tag, attrs, style, children }) {
  const node = /** @type {MathMLElement} */ (document.createElementNS(MATHML, tag))
  for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, value)
  Object.assign(node.style, style)
  node.append(...children.map((child) => typeof child === "string" ? child : nodeOf(child)))
  return node
}

customElements.define("math-text", MathText)
