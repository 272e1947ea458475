import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { effect, signal } from "../../static/js/lib/signal.js"

test("an effect runs again for what it read last, until it is ended", () => {
  const which = signal("a")
  const values = { a: signal(1), b: signal(10) }
  const seen = []
  const end = effect(() => seen.push(values[which.get()].get()))
  values.a.set(2)
  values.b.set(11)
  which.set("b")
  values.a.set(3)
  values.b.set(11)
  values.b.set(12)
  end()
  values.b.set(13)
  assert.deepEqual(seen, [1, 2, 11, 12])
})
