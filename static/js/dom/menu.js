/** @file What menus have in common: how an entry is made, and the keys that go through them. */

import { h, icon } from "./h.js"

/** @param {Parameters<typeof icon>[0]} name @param {string} label @param {() => void} onclick */
export function menuItem(name, label, onclick) {
  return h("button", { type: "button", role: "menuitem", class: "menu-item", tabindex: "-1", onclick }, icon(name), h("span", { dir: "auto" }, label))
}

/** The arrows, Home and End move the focus; Tab leaves. @param {KeyboardEvent} event @param {HTMLElement[]} items @param {() => void} close */
export function onMenuKey(event, items, close) {
  const at = items.findIndex((one) => one === document.activeElement)
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key]
  if (event.key === "Tab") close()
  if (next === undefined) return
  event.preventDefault()
  items.at(next % items.length)?.focus()
}
