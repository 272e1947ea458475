import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { Patience } from "../../static/js/state/patience.js"

test("tries become rarer, up to a limit, until something comes", () => {
  const patience = new Patience()
  const waits = Array.from({ length: 9 }, () => patience.next())
  assert.deepEqual(waits, [...waits].sort((a, b) => a - b))
  assert.equal(waits[8], waits[7])
  patience.reset()
  assert.equal(patience.next(), waits[0])
})

test("a server that said it restarts is not called lost, until it was there again", () => {
  const patience = new Patience()
  assert.equal(patience.absence, "lost")
  assert.ok(patience.awaitRestart() > 0)
  assert.equal(patience.absence, "restarting")
  patience.connected()
  assert.equal(patience.absence, "lost")
})
