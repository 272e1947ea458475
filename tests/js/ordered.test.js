import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { Ordered } from "../../static/js/lib/ordered.js"

const order = (a, b) => b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
const ids = (ordered) => ordered.all.map(({ id }) => id).join("")

test("things stand in order, however they come, move and go", () => {
  const ordered = new Ordered(order)
  for (const [id, at] of [["a", 1], ["c", 3], ["b", 2], ["d", 3]]) ordered.put({ id, at })
  assert.equal(ids(ordered), "dcba")
  ordered.put({ id: "a", at: 9 })
  assert.equal(ids(ordered), "adcb")
  ordered.drop("c")
  ordered.drop("unknown")
  assert.equal(ids(ordered), "adb")
  assert.equal(ordered.size, 3)
})

test("a further page is compared with the end only", () => {
  let compared = 0
  const ordered = new Ordered((a, b) => (compared++, order(a, b)))
  for (let number = 0; number < 10_000; number++) ordered.put({ id: String(number), at: -number })
  assert.ok(compared < 10_000)
  compared = 0
  ordered.put({ id: "5000", at: -4000.5 })
  assert.ok(compared < 40)
})
