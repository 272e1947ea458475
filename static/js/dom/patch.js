/** @file Trees of Markdown to nodes. What is not named here cannot get into the page. */

import { t } from "../lib/t.js"
import { safeUrl } from "../lib/url.js"
import { h } from "./h.js"

/** @typedef {import("../lib/markdown.js").Tree} Tree */
/** @typedef {Exclude<Tree, string>} Branch */
/** @typedef {HTMLElement & {show(tree: Branch): void}} Widget an element that makes its own nodes */

/** The elements of an answer, and the attributes that each may take from a tree. */
const ALLOWED = /** @type {Record<string, string[]>} */ ({
  p: [], h1: [], h2: [], h3: [], h4: [], h5: [], h6: [], blockquote: [], ul: [], ol: ["start"],
  li: ["value", "data-note"], hr: [], br: [], em: [], strong: [], s: [], code: [], div: [], sup: [], section: [],
  a: ["href", "title", "data-picture"], button: ["data-note", "data-back"],
  table: [], thead: [], tbody: [], tr: [], th: ["data-align"], td: ["data-align"],
  input: ["data-state"], "code-block": [], "math-text": [],
})

/** What every element of a kind has, whatever the answer says. */
const ALWAYS = /** @type {Record<string, Record<string, string>>} */ ({
  a: { target: "_blank", rel: "noopener noreferrer nofollow" },
  div: { class: "table", role: "group", "aria-label": t("prose.table"), tabindex: "0" },
  input: { type: "checkbox", disabled: "" },
  section: { class: "footnotes", role: "group", "aria-label": t("prose.notes") },
  button: { type: "button", class: "note-link" },
})

/** What the elements of ours show is theirs. */
const WIDGETS = new Set(["code-block", "math-text"])

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
  return WIDGETS.has(a.tag) || JSON.stringify(a.attrs) === JSON.stringify(b.attrs)
}

/** @param {Node} node @param {Tree} before @param {Tree} after of the same kind */
function update(node, before, after) {
  if (typeof after === "string") return updateText(/** @type {Text} */ (node), after)
  if (WIDGETS.has(after.tag)) return /** @type {Widget} */ (node).show(after)
  patch(node, /** @type {Branch} */ (before).children ?? [], after.children ?? [])
}

/** @param {Text} node @param {string} text */
function updateText(node, text) {
  if (text.startsWith(node.data)) return node.appendData(text.slice(node.length))
  let same = 0 // what stays is not touched: there may be a selection in it
  while (same < text.length && text[same] === node.data[same]) same++
  node.replaceData(same, node.length - same, text.slice(same))
}

/** @param {Tree} tree @returns {Node} */
function create(tree) {
  if (typeof tree === "string") return document.createTextNode(tree)
  const allowed = ALLOWED[tree.tag]
  if (!allowed) return document.createTextNode("")
  const href = tree.tag === "a" && safeUrl(tree.attrs?.href ?? "")
  if (tree.tag === "a" && !href) return h("span", {}, .../** @type {Node[]} */ (tree.children?.map(create)))
  const element = h(/** @type {any} */ (tree.tag), ALWAYS[tree.tag])
  for (const name of allowed) {
    const value = tree.attrs?.[name]
    if (value !== undefined) element.setAttribute(name, value)
  }
  if (href) element.setAttribute("href", href)
  if (tree.tag === "button") nameLink(element)
  if (tree.tag === "input") markBox(/** @type {HTMLInputElement} */ (element))
  if (WIDGETS.has(tree.tag)) /** @type {Widget} */ (element).show(tree)
  else for (const child of tree.children ?? []) element.append(create(child))
  return element
}

/** @param {HTMLInputElement} box */
function markBox(box) {
  const done = box.dataset.state === "done"
  box.toggleAttribute("checked", done)
  box.setAttribute("aria-label", done ? t("prose.done") : t("prose.open"))
}

/** @param {HTMLElement} button */
function nameLink(button) {
  const { note, back } = button.dataset
  button.setAttribute("aria-label", note ? t("prose.note", { number: note }) : t("prose.back", { number: back ?? "" }))
}
