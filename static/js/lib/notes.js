/** @file Footnotes: numbered in the order in which they are first mentioned, gathered at the end. */

/** @typedef {import("./markdown.js").Tree} Tree @typedef {Exclude<Tree, string>} Branch */
/** @typedef {Record<string, {href: string, title?: string}>} References */
/** @typedef {{references: References, notes: Record<string, number>, numbers: Map<string, number>}} Known
 * what an answer has defined so far, and the numbers of its notes */

/** @returns {Known} */
export function nothingKnown() {
  return { references: {}, notes: Object.create(null), numbers: new Map() }
}

/** What is defined in it stays in it; numbers do not. @param {Known} known @returns {Known} */
export function layerOn({ references, notes, numbers }) {
  return { references: Object.create(references), notes: Object.create(notes), numbers }
}

/** @param {string} label @param {Known} known */
function numberOf(label, { numbers }) {
  const number = numbers.get(label) ?? numbers.size + 1
  numbers.set(label, number)
  return number
}

/** @param {string} label @param {Known} known @returns {Tree} */
export function noteMark(label, known) {
  const number = String(numberOf(label, known))
  return { tag: "sup", children: [{ tag: "button", attrs: { "data-note": number }, children: [number] }] }
}

/** A note at its own place. @param {string} label @param {Tree[]} children @param {Known} known @returns {Tree} */
export function noteTree(label, children, known) {
  const number = String(numberOf(label, known))
  return notesTree([{ tag: "li", attrs: { "data-note": number, value: number }, children: withWayBack(children, number) }])
}

/** @param {Tree[]} items @returns {Tree} */
function notesTree(items) {
  return { tag: "section", children: [{ tag: "ol", children: items }] }
}

/** @param {Tree[]} children @param {string} number */
function withWayBack(children, number) {
  const back = { tag: "button", attrs: { "data-back": number }, children: ["↩"] }
  const last = children[children.length - 1]
  if (typeof last !== "object" || last.tag !== "p") return [...children, back]
  return [...children.slice(0, -1), { ...last, children: [...last.children ?? [], " ", back] }]
}

/**
 * All notes in one list, when no more text comes: first those that are mentioned, in that order,
 * then the others. Reading a note may mention further ones.
 *
 * @param {string[]} labels of the notes
 * @param {(index: number) => Tree} read a note, as `noteTree`
 * @param {Known} known after all other blocks were read
 * @returns {Tree[]} the list, if there are any notes
 */
export function gathered(labels, read, known) {
  /** @type {Map<string, number>} */
  const first = new Map()
  labels.forEach((label, index) => first.has(label) || first.set(label, index))
  /** @type {Tree[]} */
  const items = []
  // A map is walked in the order of its numbers, those included that are added meanwhile.
  for (const label of known.numbers.keys()) items.push(...itemsOf(read(/** @type {number} */ (first.get(label)))))
  for (const [label, index] of first) if (!known.numbers.has(label)) items.push(...itemsOf(read(index)))
  return items.length ? [notesTree(items)] : []
}

/** @param {Tree} tree of `notesTree` */
function itemsOf(tree) {
  const [list] = /** @type {Branch[]} */ (/** @type {Branch} */ (tree).children)
  return list.children ?? []
}
