/** @file Times as a list has room for them. */

const DAY = 86_400_000
const clock = new Intl.DateTimeFormat("en", { hour: "numeric", minute: "2-digit" })
const day = new Intl.DateTimeFormat("en", { day: "numeric", month: "short" })
const dayOfYear = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", year: "numeric" })

/** The hour of today, else the day, with its year where that is another. @param {number} time @param {number} now */
export function shortDate(time, now) {
  const then = new Date(time)
  const today = new Date(now)
  if (then.toDateString() === today.toDateString()) return clock.format(then)
  return then.getFullYear() === today.getFullYear() ? day.format(then) : dayOfYear.format(then)
}

/** How long a chat stays in the bin. @param {number} deleted @param {number} now @param {number} days that it is kept there */
export function timeLeft(deleted, now, days) {
  const left = Math.max(0, Math.ceil((deleted + days * DAY - now) / DAY))
  if (left === 0) return "goes today"
  return left === 1 ? "1 day left" : `${left} days left`
}
