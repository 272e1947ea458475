/** @file Listens for the keys that work everywhere on the page, and writes them where they are told. */

import { ariaOf, labelOf, labelsOf, namesOf } from "../lib/key-names.js"
import { deedOf } from "../lib/keys-table.js"
import { keysNow, keysWork } from "../state/bindings.js"

/** @typedef {import("../lib/keys-table.js").Deed} Deed */

const IN_COMPOSITION = 229 // keyCode of a key that an input method takes (isComposing is late in Safari)

/** Whether the command key is what Ctrl is elsewhere. */
export const isMac = /^Mac|iPhone|iPad/.test(navigator.platform)

/**
 * What is open in front of the page keeps its keys; only the search, which may be that, is asked for again.
 *
 * @param {Record<Deed, () => void>} actions
 * @param {() => boolean} leave closes what Escape closes, whatever it does else; gives whether there was something
 */
export function listenToKeys(actions, leave) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === IN_COMPOSITION) return
    const covered = document.querySelector(":popover-open, dialog[open]") !== null
    if (!covered && event.key === "Escape" && !event.shiftKey && leave()) return
    const deed = keysWork() ? deedOf(keysNow(), namesOf(event, isMac)) : null
    if (!deed || event.defaultPrevented || (covered && !goesThrough(deed))) return
    if (event.key !== "Escape") event.preventDefault() // which leaves the full screen, too
    actions[deed]()
  })
}

/** @param {Deed} deed */
function goesThrough(deed) {
  return deed === "search" && document.querySelector("dialog[open]:not(.search-dialog)") === null
}

/** The words on the keys of a deed; none where it has none. @param {Deed} deed @returns {string[]} */
export function wordsOf(deed) {
  const name = keysWork() ? keysNow()[deed] : null
  return name ? labelsOf(name, isMac) : []
}

/** Say in the tooltip of a button which keys do the same. @param {HTMLElement} button @param {Deed} deed @param {string} label */
export function showKeys(button, deed, label) {
  const name = keysWork() ? keysNow()[deed] : null
  button.title = name ? `${label} (${labelOf(name, isMac)})` : label
  if (name) button.setAttribute("aria-keyshortcuts", ariaOf(name, isMac))
  else button.removeAttribute("aria-keyshortcuts")
}
