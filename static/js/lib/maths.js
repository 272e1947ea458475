/** @file TeX to trees of MathML; the library is fetched when the first formula is met. */

/**
 * @typedef {{tag: string, attrs: Record<string, string>, style: Record<string, string>,
 *   children: (MathTree|string)[]}} MathTree
 */

const LONGEST = 8000 // characters of a formula; what is longer stays text
const MOST_NODES = 8000
const MOST_WORK = 100_000 // characters that macros may expand to, about
const LARGEST_EM = 30 // of a space or a rule

const ELEMENTS = new Set((
  "math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom msub msup "
  + "msubsup munder mover munderover mmultiscripts mprescripts mtable mtr mtd menclose").split(" "))
const ATTRIBUTES = new Set((
  "display displaystyle scriptlevel stretchy fence separator form lspace rspace minsize maxsize "
  + "symmetric largeop movablelimits accent accentunder width height depth voffset linethickness "
  + "mathvariant columnalign columnlines rowlines rowspacing columnspacing notation").split(" "))
/** Set through CSSOM, as the policy of the page has no inline styles. */
const STYLES = new Set((
  "display color backgroundColor padding paddingTop paddingBottom paddingLeft paddingRight textAlign width "
  + "borderTop borderBottom borderLeft borderRight border fontWeight fontStyle mathDepth "
  + "mathStyle verticalAlign").split(" "))
/** Of the library's style sheet. */
const CLASS = /^(?:(?:tml|chr|wbk|ff|longdiv|phasor)-[a-z0-9-]+|math(?:cal|scr)|menclose|circle-pad|textcircle|actuarial|(?:up|down)strike|sout)$/
const VALUE = /^[\w\s#.,%()+-]{1,64}$/

/** @type {any} */
let library = null
/** @type {Promise<boolean>|null} */
let loading = null

export function areMathsLoaded() {
  return library !== null
}

/** @returns {Promise<boolean>} whether formulas can be read now */
export function loadMaths() {
  loading ??= import("../../vendor/temml.js").then(
    (module) => (library = module.default, true),
    () => (loading = null, false),
  )
  return loading
}

/** @param {string} tex @param {boolean} display @returns {MathTree|null} null for what is no maths */
export function mathTree(tex, display) {
  if (tex.length > LONGEST) return null
  try {
    const maxExpand = Math.min(1000, Math.ceil(MOST_WORK / tex.length))
    const options = {
      displayMode: display, throwOnError: true, trust: false, strict: false, annotate: false, maxExpand,
      maxSize: [LARGEST_EM, LARGEST_EM],
    }
    return built(library.__renderToMathMLTree(tex, options), { left: MOST_NODES })
  } catch {
    return null // the source is shown instead
  }
}

/** @param {any} node of the library @param {{left: number}} budget @returns {MathTree} */
function built(node, budget) {
  if (budget.left-- < 0) throw new RangeError("too many nodes")
  const tag = ELEMENTS.has(node.type) ? node.type : "mrow"
  /** @type {MathTree} */
  const tree = { tag, attrs: kept(node.attributes, ATTRIBUTES), style: kept(node.style, STYLES), children: [] }
  const classes = (node.classes ?? []).filter((/** @type {string} */ name) => CLASS.test(name))
  if (classes.length) tree.attrs.class = classes.join(" ")
  for (const child of node.children ?? []) {
    if (typeof child.text === "string") tree.children.push(child.text)
    else tree.children.push(built(child, budget))
  }
  return tree
}

/** @param {Record<string, unknown>|undefined} values @param {Set<string>} names */
function kept(values, names) {
  /** @type {Record<string, string>} */
  const found = {}
  for (const [name, value] of Object.entries(values ?? {})) {
    const text = String(value)
    if (names.has(name) && VALUE.test(text) && !/url|var|image/i.test(text)) found[name] = text
  }
  return found
}
