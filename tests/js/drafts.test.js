import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import "./english.js"
import { emptyStorage } from "./storage.js"
import { draftOf, keepDraft, sweepDrafts } from "../../static/js/state/drafts.js"

const DAY = 24 * 3_600_000
let unknown = []

beforeEach(() => {
  emptyStorage()
  unknown = []
  globalThis.fetch = async (address) => {
    const status = unknown.some((id) => address.includes(`/${id}?`)) ? 404 : 200
    return new Response(JSON.stringify({ messages: [] }), { status })
  }
})

test("a draft is there until it is empty, and leaves nothing behind", () => {
  keepDraft("a", "half a")
  assert.equal(draftOf("a"), "half a")
  keepDraft("a", "")
  assert.equal(draftOf("a"), "")
  assert.deepEqual(Object.keys(localStorage), [])
})

test("old drafts of chats that the server does not know are thrown away, and no others", async () => {
  for (const id of ["gone", "there", "new"]) keepDraft(id, id)
  unknown = ["gone", "new"]
  await sweepDrafts(Date.now() + 29 * DAY)
  assert.equal(draftOf("gone"), "gone")
  await sweepDrafts(Date.now() + 31 * DAY)
  assert.deepEqual(["gone", "there", "new"].map(draftOf), ["", "there", "new"])
})

test("a draft of an older version has its thirty days from now on", async () => {
  localStorage.setItem("llmchat.draft.gone", "text")
  unknown = ["gone"]
  await sweepDrafts(Date.now())
  assert.equal(draftOf("gone"), "text")
  await sweepDrafts(Date.now() + 31 * DAY)
  assert.equal(draftOf("gone"), "")
})

test("a server that does not answer says nothing about a draft", async () => {
  keepDraft("a", "text")
  globalThis.fetch = () => Promise.reject(new TypeError("offline"))
  await sweepDrafts(Date.now() + 31 * DAY)
  assert.equal(draftOf("a"), "text")
})

test("a full storage does not break typing", () => {
  localStorage.setItem = () => { throw new DOMException("full", "QuotaExceededError") }
  keepDraft("a", "text")
  assert.equal(draftOf("a"), "")
})
