/** @file Which of a list are chosen, as plain sets. */

/** @param {ReadonlySet<string>} chosen @param {string} id */
export function toggled(chosen, id) {
  const next = new Set(chosen)
  if (!next.delete(id)) next.add(id)
  return next
}

/**
 * Also all from the one that was chosen last to this one, in either direction.
 *
 * @param {ReadonlySet<string>} chosen
 * @param {string[]} order all ids as they stand
 * @param {string|null} anchor null, or gone from the list: only this one
 * @param {string} id
 */
export function extended(chosen, order, anchor, id) {
  const to = order.indexOf(id)
  const from = anchor === null ? to : order.indexOf(anchor)
  const [first, last] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)]
  return new Set([...chosen, ...order.slice(first, last + 1)])
}

/** Without what is not in the list any more. @param {ReadonlySet<string>} chosen @param {(id: string) => boolean} isThere */
export function remaining(chosen, isThere) {
  return new Set([...chosen].filter(isThere))
}
