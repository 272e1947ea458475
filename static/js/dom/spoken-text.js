/** @file What of an answer is read aloud: its words, without code, formulas and markup. */

const SILENT = "code-block, math-text, pre, button, .code-head, [aria-hidden=true], svg"
const BLOCKS = new Set(["P", "LI", "H1", "H2", "H3", "H4", "H5", "H6", "TR", "BLOCKQUOTE", "DIV", "UL", "OL"])

/** @param {Node} root @returns {string} a line for each block */
export function spokenText(root) {
  return textOf(root).replace(/[ \t]+/g, " ").replace(/\s*\n\s*/g, "\n").trim()
}

/** @param {Node} node @returns {string} */
function textOf(node) {
  if (node instanceof Text) return node.data.replace(/\n/g, " ")
  if (!(node instanceof Element) || node.matches(SILENT)) return ""
  const text = [...node.childNodes].map(textOf).join("")
  if (BLOCKS.has(node.tagName)) return `\n${text}\n`
  return node.tagName === "TD" || node.tagName === "TH" ? `${text}, ` : text
}
