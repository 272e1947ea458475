/** @file The keys that work everywhere on the page. */

/** @typedef {"write"|"escape"|"fresh"|"search"|"sidebar"|"remove"|"previous"|"next"} Deed */

/** @type {Record<string, Deed>} */
const WITH_CTRL = { KeyK: "search", KeyB: "sidebar" }
/** @type {Record<string, Deed>} */
const WITH_CTRL_AND_SHIFT = { KeyO: "fresh", Backspace: "remove", ArrowUp: "previous", ArrowDown: "next" }

/** @param {Record<Deed, () => void>} actions */
export function listenToKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const deed = deedOf(event)
    if (!deed) return
    if (event.ctrlKey) event.preventDefault()
    actions[deed]()
  })
}

/** What is open in front of the page keeps its keys; only the search comes before it. @param {KeyboardEvent} event @returns {Deed|undefined} */
function deedOf({ key, code, ctrlKey, shiftKey, altKey, metaKey, isComposing }) {
  if (isComposing || metaKey || altKey) return undefined
  if (key === "Escape" && shiftKey) return "write"
  const covered = document.querySelector(":popover-open, dialog[open]") !== null
  if (key === "Escape") return covered ? undefined : "escape"
  const deed = ctrlKey ? (shiftKey ? WITH_CTRL_AND_SHIFT : WITH_CTRL)[code] : undefined
  return covered && deed !== "search" ? undefined : deed
}
