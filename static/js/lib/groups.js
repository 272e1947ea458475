/** @file Under which heading a conversation stands, and which of two comes first. */

import { date, t } from "./t.js"

/** @typedef {import("../types.js").Item} Item */
/** @typedef {{rank: number, name: string}} Group a heading; those with a lower rank stand higher */

const MONTHS = 100 // the rank after which the months follow
const MONTH = /** @type {const} */ ({ month: "long", year: "numeric" })
/** @type {Map<number, string>} */
const monthNames = new Map()

/** @param {Item} item @param {number} now @returns {Group} */
export function groupOf(item, now) {
  if (item.pinned) return { rank: 0, name: t("group.pinned") }
  const recent = days(now).findIndex(([, since]) => item.updated >= since)
  if (recent >= 0) return { rank: recent + 1, name: days(now)[recent][0] }
  const then = new Date(item.updated)
  const month = then.getFullYear() * 12 + then.getMonth()
  if (!monthNames.has(month)) monthNames.set(month, date(then, MONTH))
  return { rank: MONTHS + 12 * 9999 - month, name: monthNames.get(month) ?? "" }
}

/** Local days, since a day is not always 24 hours long. @param {number} now @returns {[string, number][]} */
function days(now) {
  const since = (/** @type {number} */ ago) => {
    const day = new Date(now)
    return new Date(day.getFullYear(), day.getMonth(), day.getDate() - ago).getTime()
  }
  return [[t("group.today"), since(0)], [t("group.yesterday"), since(1)], [t("group.week"), since(7)], [t("group.month"), since(30)]]
}

/** Below 0: `a` comes first. The id settles what came at the same moment. @param {Item} a @param {Item} b */
export function order(a, b) {
  return b.updated - a.updated || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
}

/**
 * Where something belongs in an ordered list, found without looking at all of it.
 *
 * @param {number} length
 * @param {(index: number) => boolean} isBefore whether what stands there comes before it
 */
export function placeIn(length, isBefore) {
  let low = 0
  let high = length
  if (length && isBefore(length - 1)) return length // pages are appended
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
