/** @file Trees of Markdown to nodes. What is not named here cannot get into the page. */

import { t } from "../lib/t.js"
import { h } from "./h.js"

/** @typedef {import("../lib/markdown.js").Tree} Tree */
/** @typedef {Exclude<Tree, string>} Branch */
/** @typedef {HTMLElement & {show(lang: string, text: string, open: boolean): void}} CodeBlock */

/** The elements of an answer, and the attributes that each may take from a tree. */
const ALLOWED = /** @type {Record<string, string[]>} */ ({
  p: [], h1: [], h2: [], h3: [], h4: [], h5: [], h6: [], blockquote: [], ul: [], ol: ["start"],
  li: [], hr: [], br: [], em: [], strong: [], s: [], code: [], a: ["href", "data-picture"], div: [],
  table: [], thead: [], tbody: [], tr: [], th: ["data-align"], td: ["data-align"],
  input: ["data-state"], "code-block": [],
})

/** What every element of a kind has, whatever the answer says. */
const ALWAYS = /** @type {Record<string, Record<string, string>>} */ ({
  a: { target: "_blank", rel: "noopener noreferrer nofollow" },
  div: { class: "table", role: "group", "aria-label": t("prose.table"), tabindex: "0" },
  input: { type: "checkbox", disabled: "" },
})

/**
 * Make the children of `parent` from number `from` on show `after`, where they now show `before`.
 * Nodes of the same kind are kept, so that a selection in them survives.
 *
 * @param {Node} parent
 * @param {Tree[]} before
 * @param {Tree[]} after
 * @param {number} [from]
 */
export function patch(parent, before, after, from = 0) {
  for (let i = 0; i < after.length; i++) {
    const node = parent.childNodes[from + i]
    if (before[i] === after[i]) continue
    if (!node) parent.appendChild(create(after[i]))
    else if (!sameKind(before[i], after[i])) parent.replaceChild(create(after[i]), node)
    else update(node, before[i], after[i])
  }
  while (parent.childNodes.length > from + after.length) parent.lastChild?.remove()
}

/** @param {Tree} a @param {Tree} b */
function sameKind(a, b) {
  if (typeof a === "string" || typeof b === "string") return typeof a === typeof b
  if (a.tag !== b.tag) return false
  return a.tag === "code-block" || JSON.stringify(a.attrs) === JSON.stringify(b.attrs)
}

/** @param {Node} node @param {Tree} before @param {Tree} after of the same kind */
function update(node, before, after) {
  if (typeof after === "string") return updateText(/** @type {Text} */ (node), after)
  if (after.tag === "code-block") return showCode(node, after)
  patch(node, /** @type {Branch} */ (before).children ?? [], after.children ?? [])
}

/** @param {Text} node @param {string} text */
function updateText(node, text) {
  if (text.startsWith(node.data)) node.appendData(text.slice(node.length))
  else node.data = text
}

/** @param {Tree} tree @returns {Node} */
function create(tree) {
  if (typeof tree === "string") return document.createTextNode(tree)
  const allowed = ALLOWED[tree.tag]
  if (!allowed) return document.createTextNode("")
  const element = h(/** @type {any} */ (tree.tag), ALWAYS[tree.tag])
  for (const name of allowed) {
    const value = tree.attrs?.[name]
    if (value !== undefined) element.setAttribute(name, value)
  }
  if (tree.tag === "input") markBox(/** @type {HTMLInputElement} */ (element))
  if (tree.tag === "code-block") showCode(element, tree)
  else for (const child of tree.children ?? []) element.append(create(child))
  return element
}

/** @param {HTMLInputElement} box */
function markBox(box) {
  const done = box.dataset.state === "done"
  box.toggleAttribute("checked", done)
  box.setAttribute("aria-label", done ? t("prose.done") : t("prose.open"))
}

/** @param {Node} node @param {Branch} tree */
function showCode(node, { lang = "", text = "", attrs }) {
  const block = /** @type {CodeBlock} */ (node)
  block.show(lang, text, attrs !== undefined)
}
