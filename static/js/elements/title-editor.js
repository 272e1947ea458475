/** @file The title of a chat, changed where it stands. */

import { h } from "../dom/h.js"
import { t } from "../lib/t.js"
import { linkOf } from "./chat-row.js"

const LONGEST = 200

/**
 * Enter and leaving keep it, Escape does not. The focus goes back to the row, unless it is elsewhere by then.
 *
 * @param {HTMLElement} row
 * @param {string} title
 * @param {(title: string) => void} keep called with another title only
 */
export function editTitle(row, title, keep) {
  if (row.querySelector("input")) return
  const link = linkOf(row)
  const input = h("input", { class: "title-input", type: "text", value: title, maxlength: LONGEST, "aria-label": t("row.title"), dir: "auto" })
  let over = false
  const end = (/** @type {boolean} */ kept) => {
    if (over) return
    over = true
    const focused = document.activeElement === input
    const said = input.value.trim()
    input.remove()
    link.hidden = false
    if (focused) link.focus({ preventScroll: true })
    if (kept && said && said !== title) keep(said)
  }
  input.addEventListener("blur", () => end(true))
  input.addEventListener("keydown", (event) => {
    event.stopPropagation() // its keys are not the list's, nor the page's
    if (event.isComposing) return
    if (event.key === "Enter") end(true)
    if (event.key === "Escape") end(false)
  })
  link.hidden = true
  row.prepend(input)
  input.focus()
  input.select()
}
