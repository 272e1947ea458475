/** @file An answer for the clipboard with its formatting: only elements that every program takes. */

const KEPT = new Set(["P", "H1", "H2", "H3", "H4", "H5", "H6", "BLOCKQUOTE", "UL", "OL", "LI", "HR", "BR", "EM", "STRONG",
  "S", "CODE", "A", "TABLE", "THEAD", "TBODY", "TR", "TH", "TD", "SUP", "SECTION", "PRE"])
const EMPTY = new Set(["HR", "BR"])
const LEFT_OUT = "button:not([data-note]), .code-head, code-preview, svg, iframe"
const ENTITIES = /** @type {Record<string, string>} */ ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })

/** @param {Element} root the answer as it is shown */
export function richText(root) {
  return [...root.childNodes].map(html).join("")
}

/** @param {Node} node @returns {string} */
function html(node) {
  if (node instanceof Text) return escaped(node.data)
  if (!(node instanceof Element) || node.matches(LEFT_OUT)) return ""
  if (node.localName === "code-block") return `<pre><code>${escaped(node.querySelector("code")?.textContent ?? "")}</code></pre>`
  if (node.localName === "math-text") return escaped(sourceOf(node))
  if (node instanceof HTMLInputElement) return node.checked ? "☑" : "☐"
  const inside = [...node.childNodes].map(html).join("")
  if (!KEPT.has(node.tagName)) return inside
  const name = node.localName
  return EMPTY.has(node.tagName) ? `<${name}>` : `<${name}${attributes(node)}>${inside}</${name}>`
}

/** @param {Element} element */
function attributes(element) {
  const href = element.tagName === "A" ? element.getAttribute("href") : null
  const start = element.tagName === "OL" ? element.getAttribute("start") : null
  if (href && /^(https?|mailto):/i.test(href)) return ` href="${escaped(href)}"`
  return start ? ` start="${escaped(start)}"` : ""
}

/** A formula as it was written: few programs take MathML. @param {Element} element */
function sourceOf(element) {
  return /** @type {Element & {source?: string}} */ (element).source ?? element.textContent ?? ""
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>"]/g, (one) => ENTITIES[one])
}
