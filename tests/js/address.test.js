import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { placeOf, wishesOf } from "../../static/js/lib/address.js"

test("an address may fill the composer, name a model and ask for a temporary chat", () => {
  const wishes = wishesOf("?q=hello+there%3F&model=m%2F1&system=Be+brief&temporary=1&debug=x")
  assert.deepEqual(wishes, {
    q: "hello there?", model: "m/1", system: "Be brief", temporary: true, rest: "?debug=x",
  })
})

test("an address without wishes has none", () => {
  assert.deepEqual(wishesOf(""), { q: null, model: null, system: null, temporary: false, rest: "" })
  assert.equal(wishesOf("?temporary=0").temporary, false)
})

test("an address names a chat, and a message of it", () => {
  assert.deepEqual(placeOf("#abc"), { id: "abc", message: null })
  assert.deepEqual(placeOf("#abc/def"), { id: "abc", message: "def" })
  assert.deepEqual(placeOf(""), { id: null, message: null })
})
