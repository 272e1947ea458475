/** @file Times as a list has room for them. */

import { date, t } from "./t.js"

const DAY = 86_400_000
const clock = /** @type {const} */ ({ hour: "numeric", minute: "2-digit" })
const day = /** @type {const} */ ({ day: "numeric", month: "short" })
const dayOfYear = /** @type {const} */ ({ day: "numeric", month: "short", year: "numeric" })

/** The hour of today, else the day, with its year where that is another. @param {number} time @param {number} now */
export function shortDate(time, now) {
  const then = new Date(time)
  const today = new Date(now)
  if (then.toDateString() === today.toDateString()) return date(then, clock)
  return then.getFullYear() === today.getFullYear() ? date(then, day) : date(then, dayOfYear)
}

/** How long a chat stays in the bin. @param {number} deleted @param {number} now @param {number} days that it is kept there */
export function timeLeft(deleted, now, days) {
  const left = Math.max(0, Math.ceil((deleted + days * DAY - now) / DAY))
  return left === 0 ? t("bin.today") : t("bin.left", { count: left })
}
