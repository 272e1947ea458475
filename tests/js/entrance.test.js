import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { emptyStorage } from "./storage.js"
import { broughtBy, firstOf } from "../../static/js/lib/entrance.js"
import { beginAs, forgetAccount, isOwn, lastAccount, noteAccount } from "../../static/js/state/signed-in.js"

beforeEach(() => {
  emptyStorage()
  globalThis.sessionStorage = { removeItem() {} }
})

test("the form to begin with is the one that fits most people", () => {
  const first = (ways, more = {}) => firstOf({ auth: "password", ways, setup: false, ...more })
  assert.equal(first(["token", "password", "oidc"]), "password")
  assert.equal(first(["token"], { auth: "token" }), "token")
  assert.equal(first(["oidc"]), "oidc")
  assert.equal(first([]), "none")
  assert.equal(first([], { setup: true }), "setup")
  assert.equal(first([], { auth: "proxy" }), "proxy")
})

test("a fragment is for signing in only where it says so", () => {
  assert.deepEqual(broughtBy("#token=a-b_c"), { token: "a-b_c", reason: null })
  assert.deepEqual(broughtBy("#oidc=expired"), { token: null, reason: "expired" })
  assert.deepEqual(broughtBy("#oidc=<b>"), { token: null, reason: "invalid" })
  for (const hash of ["", "#", "#some-chat/message", "#tokens=1", "#xtoken=1"]) assert.deepEqual(broughtBy(hash), { token: null, reason: null })
})

test("what one person has not sent is gone when another one signs in, and stays for the same one", () => {
  const [ada, bob] = ["ada", "bob"].map((id) => ({ id, name: id.toUpperCase(), role: "user", has_password: true }))
  noteAccount(ada)
  localStorage.setItem("llmchat.draft.new", "a secret")
  localStorage.setItem("llmchat.theme", "dark")
  beginAs(ada)
  assert.deepEqual([isOwn(ada), isOwn(bob)], [true, false])
  noteAccount(ada)
  assert.equal(localStorage.getItem("llmchat.draft.new"), "a secret")
  noteAccount(bob)
  assert.equal(localStorage.getItem("llmchat.draft.new"), null)
  assert.equal(lastAccount().name, "BOB")
  localStorage.setItem("llmchat.queue.1", "[]")
  forgetAccount()
  assert.deepEqual(Object.keys(localStorage), ["llmchat.theme"])
  assert.equal(lastAccount(), null)
})
