/** @file What is done with several chats at once, its words, and how it is undone. */

import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Item} Item @typedef {import("../types.js").BatchAction} BatchAction */
/** @typedef {{text: string, action?: {label: string, run: () => void}}} Told */

/** The word for it, what undoes it, and whom it concerns at all. @type {Record<string, [import("../lib/t.js").Key & `deed.${string}`, BatchAction, (item: Item) => boolean]>} */
const DEEDS = {
  delete: ["deed.delete", "restore", (item) => item.deleted === null],
  restore: ["deed.restore", "delete", (item) => item.deleted !== null],
  archive: ["deed.archive", "unarchive", (item) => !item.archived],
  unarchive: ["deed.unarchive", "archive", (item) => item.archived],
  pin: ["deed.pin", "unpin", (item) => !item.pinned],
  unpin: ["deed.unpin", "pin", (item) => item.pinned],
}

/**
 * Undoing it touches none that it did not touch.
 *
 * @param {import("./library.js").Library} library which tells why, where it fails
 * @param {BatchAction} action
 * @param {Item[]} items
 * @returns {Told|null} what to say of it; null: it concerned none
 */
export function act(library, action, items) {
  const [word, undo, concerns] = DEEDS[action]
  const touched = items.filter(concerns)
  const ids = touched.map(({ id }) => id)
  if (!ids.length) return null
  const done = library.batch(ids, action)
  const run = async () => { if (await done) library.batch(ids, undo) }
  return { text: t(word, { what: named(touched) }), action: { label: t("deed.undo"), run } }
}

/** @param {Item[]} items */
export function named(items) {
  return items.length === 1 ? t("chat.quoted", { title: items[0].title }) : t("chat.count", { count: items.length })
}
