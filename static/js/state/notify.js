/** @file Tells of a long answer that has ended while nobody saw the page. */

import { t } from "../lib/t.js"
import { keep, kept } from "./kept.js"

/** @typedef {import("../types.js").Item} Item */

const KEY = "llmchat.notify"
const LONG_SECONDS = 10

/** Whether there can be notifications at all: not on plain http, and not where people have refused them. */
export function canNotify() {
  return isSecureContext && "Notification" in globalThis && Notification.permission !== "denied"
}

export function notifies() {
  return kept(KEY) === "1" && canNotify() && Notification.permission === "granted"
}

/** To be called by a click: the browser may ask. @param {boolean} wanted @returns {Promise<boolean>} whether it is so now */
export async function setNotifies(wanted) {
  const granted = wanted && canNotify() && await Notification.requestPermission() === "granted"
  keep(KEY, granted ? "1" : null)
  return granted
}

/**
 * Counts them in the title of the tab until it is seen, and notifies where that is wanted. Only of
 * the chat that this tab has in view: others may be in view elsewhere.
 *
 * @param {EventTarget} library
 * @param {{get(): string|null}} current id of the chat in view
 * @param {(count: number) => void} mark
 */
export function watchEnds(library, current, mark) {
  /** @type {Map<string, number>} since when, in milliseconds */
  const running = new Map()
  let count = 0
  library.addEventListener("change", (event) => {
    const { id, item } = /** @type {CustomEvent<{id: string, item: Item|null}>} */ (event).detail
    const since = running.get(id) ?? Date.now()
    if (item?.running) return void running.set(id, since)
    if (!running.delete(id) || !item || id !== current.get()) return
    if (!document.hidden || Date.now() - since < LONG_SECONDS * 1000) return
    mark(++count)
    if (notifies()) notify(item)
  })
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) mark(count = 0)
  })
}

/** One for each chat, however many tabs have it in view. @param {Item} item */
function notify({ id, title }) {
  const note = new Notification(title, { body: t("notify.complete"), tag: `llmchat.${id}` })
  note.onclick = () => {
    focus()
    location.hash = `#${id}`
    note.close()
  }
}
