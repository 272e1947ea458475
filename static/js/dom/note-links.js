/** @file From a mention of a footnote to the note and back. No fragment: the address is the chat's. */

/** @type {WeakMap<Element, HTMLElement>} notes, and the mention from which each was reached */
const cameFrom = new WeakMap()

/** A listener for clicks in an answer. @param {Event} event */
export function followNote({ target, currentTarget }) {
  const button = target instanceof Element ? target.closest("button") : null
  const root = /** @type {HTMLElement} */ (currentTarget)
  if (!button) return
  const { note, back } = button.dataset
  const item = root.querySelector(`li[data-note="${Number(note ?? back)}"]`)
  if (!item) return
  if (note) {
    cameFrom.set(item, button)
    go(item.querySelector("button[data-back]"))
  } else if (back) {
    const mention = cameFrom.get(item)
    go(mention?.isConnected ? mention : root.querySelector(`button[data-note="${Number(back)}"]`))
  }
}

/** @param {Element|null} element */
function go(element) {
  if (!(element instanceof HTMLElement)) return
  element.scrollIntoView({ block: "nearest" })
  element.focus({ preventScroll: true })
}
