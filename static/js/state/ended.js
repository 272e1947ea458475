/** @file Tells of answers that have ended in chats that are not in view. */

import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Item} Item */

/** @param {import("./library.js").Library} library @param {{get(): string|null}} current id of the chat in view @param {(text: string) => void} tell @returns {() => void} ends it */
export function tellOfEnds(library, current, tell) {
  /** @type {Set<string>} */
  const running = new Set()
  const onChange = (/** @type {Event} */ event) => {
    const { id, item } = /** @type {CustomEvent<{id: string, item: Item|null}>} */ (event).detail
    if (item?.running) running.add(id)
    else if (running.delete(id) && item?.unread && id !== current.get()) tell(t("told.newAnswer", { title: item.title }))
  }
  library.addEventListener("change", onChange)
  return () => library.removeEventListener("change", onChange)
}
