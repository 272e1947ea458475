/** @file The buttons below a message that questions and answers have in common. */

import { t } from "../lib/t.js"
import { h, iconButton } from "./h.js"

/** @typedef {(name: string, detail: unknown) => void} Emit */

/** @param {HTMLElement} element @returns {Emit} */
export function emitter(element) {
  return (name, detail) => element.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
}

/**
 * Which of the siblings is shown, and the way to the others. Emits `turn` with `{id, to}`.
 *
 * @param {string} id
 * @param {string[]} siblings
 * @param {"answer"|"message"} what
 * @param {Emit} emit
 */
export function pager(id, siblings, what, emit) {
  if (siblings.length < 2) return null
  const at = siblings.indexOf(id)
  const back = iconButton("back", t(`pager.earlier.${what}`), () => emit("turn", { id, to: siblings[at - 1], back: true }))
  const forth = iconButton("forth", t(`pager.later.${what}`), () => emit("turn", { id, to: siblings[at + 1], back: false }))
  back.disabled = at === 0
  forth.disabled = at === siblings.length - 1
  back.dataset.turn = "back"
  forth.dataset.turn = "forth"
  return h("span", { class: "pager" }, back, h("span", {}, `${at + 1}/${siblings.length}`), forth)
}

/** Emits `message-menu` with the message and the button. @param {import("../types.js").Message} message @param {Emit} emit */
export function menuButton({ id, role }, emit) {
  const button = iconButton("more", t("message.more"), () => emit("message-menu", { id, role, button }))
  button.dataset.menu = id
  button.setAttribute("aria-haspopup", "menu")
  return button
}
