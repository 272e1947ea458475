/** @file The keys that work everywhere on the page. */

/** @param {{write: () => void, escape: () => void, fresh: () => void}} actions */
export function listenToKeys({ write, escape, fresh }) {
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.metaKey || event.altKey) return
    if (event.key === "Escape" && event.shiftKey) write()
    else if (event.key === "Escape" && !document.querySelector(":popover-open")) escape()
    else if (event.ctrlKey && event.shiftKey && event.code === "KeyO") {
      event.preventDefault()
      fresh()
    }
  })
}
