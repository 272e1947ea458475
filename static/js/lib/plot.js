/** @file Numbers of days as bars of days or weeks, and a scale for them. */

/** @typedef {{day: string, value: number}} Point @typedef {{from: string, to: string, value: number}} Bar */

const DAY = 86_400_000
const MOST_BARS = 92
const DAYS_OF_WEEK = 7

/**
 * A bar for each day, or for each seven where there are many, also for those without anything.
 *
 * @param {string} since
 * @param {string} until the last day; both as 2026-11-30
 * @param {Point[]} points
 * @returns {Bar[]}
 */
export function barsOf(since, until, points) {
  const first = Date.parse(since)
  const count = Math.round((Date.parse(until) - first) / DAY) + 1
  const step = count > MOST_BARS ? DAYS_OF_WEEK : 1
  const bars = Array.from({ length: Math.ceil(count / step) }, (_, index) => ({
    from: dayAt(first, index * step), to: dayAt(first, Math.min((index + 1) * step, count) - 1), value: 0,
  }))
  for (const { day, value } of points) {
    const bar = bars[Math.floor(Math.round((Date.parse(day) - first) / DAY) / step)]
    if (bar) bar.value += value
  }
  return bars
}

/** The least round number that is not below any of these: 1, 2 or 5 times a power of ten. @param {number[]} values */
export function roof(values) {
  const most = Math.max(0, ...values)
  if (most === 0) return 1
  const power = 10 ** Math.floor(Math.log10(most))
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= most * (1 - 1e-9)) ?? most
}

/** @param {number} first @param {number} days */
function dayAt(first, days) {
  return new Date(first + days * DAY).toISOString().slice(0, 10)
}
