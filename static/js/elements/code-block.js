/** @file A block of code: its language, what can be done with it, and lines that are coloured one by one. */

import { copyButton } from "../dom/clipboard.js"
import { CodeLines } from "../dom/code-lines.js"
import { saveText } from "../dom/downloads.js"
import { h, iconButton } from "../dom/h.js"
import { fileNameOf, previewOf } from "../lib/code-kinds.js"
import { isLoaded, languageOf, load } from "../lib/highlight.js"
import { t } from "../lib/t.js"
import { CodePreview } from "./code-preview.js"

export class CodeBlock extends HTMLElement {
  #label = h("span", { class: "code-language" })
  #code = h("code")
  #lines = new CodeLines(this.#code)
  /** @type {CodePreview|null} */
  #preview = null
  #previewButton = h("button", { type: "button", class: "code-tool", hidden: true, "aria-pressed": "false",
    onclick: () => this.#togglePreview() }, t("code.preview"))
  #wrap = iconButton("wrap", t("code.wrap"), () => this.#toggleWrap())
  #text = ""
  #lang = ""
  #open = true

  connectedCallback() {
    if (this.firstChild) return
    this.#wrap.setAttribute("aria-pressed", "false")
    const save = iconButton("data", t("code.download"), () => saveText(this.#text, fileNameOf(this.#lang)))
    this.append(
      h("div", { class: "code-head" }, this.#label, this.#previewButton, this.#wrap, save,
        copyButton(t("code.copy"), () => this.#text)),
      h("pre", { tabindex: "0", role: "group", "aria-label": t("code.label") }, this.#code),
    )
    this.#offerPreview()
  }

  /**
   * While `open`, text is only added to; whole blocks are coloured once more in their context,
   * which changes no line that was right already.
   *
   * @param {Exclude<import("../lib/markdown.js").Tree, string>} tree
   */
  show({ lang = "", text = "", attrs }) {
    const open = attrs !== undefined
    if (text === this.#text && lang === this.#lang && open === this.#open && this.#code.firstChild) return
    if (lang !== this.#lang) this.#name(lang)
    if (open && !goesOn(text, this.#text)) this.#lines.clear()
    this.#text = text
    this.#open = open
    if (open) this.#lines.grow(text, this.#language)
    else this.#lines.settle(text, this.#language)
    this.#offerPreview()
  }

  /** @param {string} lang */
  #name(lang) {
    this.#lang = lang
    this.#label.textContent = lang
    const name = languageOf(lang)
    if (!name || isLoaded(name)) return
    load(name).then((loaded) => loaded && !this.#open && this.#lines.settle(this.#text, this.#language))
  }

  get #language() {
    const name = languageOf(this.#lang)
    return name && isLoaded(name) ? name : null
  }

  /** Only of what is whole. */
  #offerPreview() {
    const kind = this.#open ? null : previewOf(this.#lang)
    this.#previewButton.hidden = kind === null
    if (kind && this.isConnected) {
      this.#preview ??= this.appendChild(new CodePreview())
      this.#preview.offer(kind, this.#text)
    } else {
      this.#preview?.remove()
      this.#preview = null
    }
    this.#pressed()
  }

  #togglePreview() {
    this.#preview?.toggle()
    this.#pressed()
  }

  #pressed() {
    this.#previewButton.setAttribute("aria-pressed", String(this.#preview?.shown ?? false))
  }

  #toggleWrap() {
    const wrapped = this.toggleAttribute("data-wrap")
    this.#wrap.setAttribute("aria-pressed", String(wrapped))
  }
}

/** Comparing all of a long text at each paint would cost more than painting: its end will do, as
 * the finished block is compared line by line. @param {string} text @param {string} before */
function goesOn(text, before) {
  const end = before.slice(-80)
  return text.startsWith(end, before.length - end.length)
}

customElements.define("code-block", CodeBlock)
