import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { groupOf, order, placeIn } from "../../static/js/lib/groups.js"

const now = new Date(2026, 5, 15, 12).getTime()
const at = (year, month, day, hour = 12) =>
  ({ id: "x", pinned: false, updated: new Date(year, month, day, hour).getTime() })

test("conversations stand under their day, then under their month, pinned ones above all", () => {
  const all = [
    { ...at(2020, 0, 1), pinned: true }, at(2026, 5, 15, 0), at(2026, 5, 14), at(2026, 5, 10), at(2026, 4, 20),
    at(2026, 3, 30), at(2026, 3, 1), at(2025, 11, 31), at(1999, 0, 1),
  ].map((item) => groupOf(item, now))
  assert.deepEqual(all.map(({ name }) => name), [
    "Pinned", "Today", "Yesterday", "Last 7 days", "Last 30 days", "April 2026", "April 2026", "December 2025", "January 1999",
  ])
  const ranks = all.map(({ rank }) => rank)
  assert.deepEqual(ranks, [...ranks].sort((a, b) => a - b))
  assert.equal(ranks[5], ranks[6])
})

test("what comes from a clock that is ahead is of today", () => {
  assert.equal(groupOf(at(2026, 5, 16), now).name, "Today")
})

test("the newest comes first, and what is of the same moment has an order too", () => {
  const items = [{ id: "a", updated: 1 }, { id: "b", updated: 2 }, { id: "c", updated: 1 }]
  assert.deepEqual(items.sort(order).map(({ id }) => id), ["b", "c", "a"])
  assert.equal(order(items[0], items[0]), 0)
})

test("a place is found without looking at all", () => {
  const numbers = Array.from({ length: 10_000 }, (_, index) => index * 2)
  for (const wanted of [-1, 0, 1, 777, 19_997, 19_998, 30_000]) {
    let looks = 0
    const place = placeIn(numbers.length, (index) => {
      looks++
      return numbers[index] < wanted
    })
    assert.equal(place, numbers.filter((one) => one < wanted).length)
    assert.ok(looks <= 16, String(looks))
  }
  assert.equal(placeIn(0, () => true), 0)
})
