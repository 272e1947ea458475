/** @file Copying, also on plain http, where there is no clipboard API. */

import { t } from "../lib/t.js"
import { announce } from "./announce.js"
import { h, icon, iconButton } from "./h.js"

const SHOWN_MILLISECONDS = 1600

/** Emits `notice` with what to do when copying failed. @param {string} label @param {() => string} text @returns {HTMLButtonElement} */
export function copyButton(label, text) {
  const button = iconButton("copy", label, async () => {
    const copied = await copy(text())
    button.replaceChildren(icon(copied ? "check" : "copy"))
    button.setAttribute("aria-label", copied ? t("copy.done") : t("copy.failed"))
    if (copied) announce(t("copy.done"))
    else button.dispatchEvent(new CustomEvent("notice", { bubbles: true, detail: t("copy.byHand") }))
    setTimeout(() => {
      button.replaceChildren(icon("copy"))
      button.setAttribute("aria-label", label)
    }, SHOWN_MILLISECONDS)
  })
  return button
}

/**
 * With its formatting, for programs that take it.
 *
 * @param {string} html
 * @param {string} text for those that do not
 * @returns {Promise<boolean>}
 */
export async function copyRich(html, text) {
  try {
    const item = Object.entries({ "text/html": html, "text/plain": text })
      .map(([type, content]) => [type, new Blob([content], { type })])
    await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(item))])
    return true
  } catch {
    return copyBySelection(text, html)
  }
}

/** @param {string} text @returns {Promise<boolean>} */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

/** @param {string} text @param {string} [html] */
function copyBySelection(text, html) {
  const focused = document.activeElement
  const area = h("textarea", { class: "visually-hidden", "aria-hidden": "true", tabindex: "-1" })
  area.value = text
  document.body.append(area)
  area.select()
  if (html !== undefined) area.addEventListener("copy", (event) => putBoth(event, html, text))
  const copied = document.execCommand("copy")
  area.remove()
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true })
  return copied
}

/** @param {ClipboardEvent} event @param {string} html @param {string} text */
function putBoth(event, html, text) {
  event.preventDefault()
  event.clipboardData?.setData("text/html", html)
  event.clipboardData?.setData("text/plain", text)
}
