/** @file One chat of a list: its title, its marks, and the button to all that can be done with it. */

import { h, icon } from "../dom/h.js"
import { timeLeft } from "../lib/dates.js"
import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Item} Item */

const DAYS_IN_BIN = 30

/** @param {Item} item @returns {HTMLLIElement} */
export function makeRow(item) {
  const link = item.deleted === null
    ? h("a", { class: "chat-link", href: `./#${item.id}`, tabindex: "-1" })
    : h("button", { type: "button", class: "chat-link", tabindex: "-1", "aria-haspopup": "menu" })
  link.append(h("span", { class: "chat-title", dir: "auto" }))
  const more = h("button", { type: "button", class: "icon-button row-more", tabindex: "-1", "aria-haspopup": "menu" }, icon("more"))
  return h("li", { class: "chat-item", "data-id": item.id }, link, more)
}

/** @param {HTMLLIElement} row @param {Item} item */
export function updateRow(row, item) {
  const link = linkOf(row)
  const [title, mark] = link.children
  if (title.textContent !== item.title) title.textContent = item.title
  link.title = item.title
  mark?.remove()
  const next = markOf(item)
  if (next) link.append(next)
  moreOf(row).setAttribute("aria-label", t("row.options", { title: item.title }))
}

/** @param {Item} item */
function markOf({ running, unread, deleted }) {
  if (deleted !== null) return h("small", { class: "chat-left" }, timeLeft(deleted, Date.now(), DAYS_IN_BIN))
  if (running) return h("span", { class: "running-dot", role: "img", "aria-label": t("row.running") })
  return unread ? h("span", { class: "unread-dot", role: "img", "aria-label": t("row.unread") }) : null
}

/** @param {HTMLElement} row @returns {HTMLElement} */
export function linkOf(row) {
  return /** @type {HTMLElement} */ (row.querySelector(".chat-link"))
}

/** @param {HTMLElement} row @returns {HTMLButtonElement} */
export function moreOf(row) {
  return /** @type {HTMLButtonElement} */ (row.querySelector(".row-more"))
}

/** While rows are chosen, each is a box to tick. @param {HTMLElement} row @param {boolean|null} ticked null: none are being chosen */
export function tick(row, ticked) {
  const link = linkOf(row)
  if (link.getAttribute("aria-checked") === (ticked === null ? null : String(ticked))) return
  if (ticked === null) {
    link.removeAttribute("role")
    link.removeAttribute("aria-checked")
  } else {
    link.setAttribute("role", "checkbox")
    link.setAttribute("aria-checked", String(ticked))
  }
}

/** Only one row is in the order of the Tab key; the arrows go on from there. @param {HTMLElement|null} row @param {boolean} reachable */
export function setReachable(row, reachable) {
  if (!row) return
  for (const part of [linkOf(row), moreOf(row)]) part.tabIndex = reachable ? 0 : -1
}
