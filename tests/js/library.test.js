import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import "./english.js"
import { Library } from "../../static/js/state/library.js"

/** What a server with these conversations answers; `asked` has what it was asked. */
let asked = []
let answers = {}

beforeEach(() => {
  asked = []
  answers = {}
  globalThis.fetch = async (address, { method = "GET", body } = {}) => {
    asked.push(`${method} ${address}${body ? ` ${body}` : ""}`)
    const { status = 200, body: answer = { items: [], next: null } } = answers[`${method} ${address}`] ?? {}
    return new Response(JSON.stringify(answer), { status })
  }
})

const item = (id, updated, more = {}) => ({
  id, title: id, created: 0, updated, pinned: false, archived: false, unread: false, running: false,
  deleted: null, active: null, settings: {}, revision: 1, ...more,
})
const ids = (library) => library.items.get().map((one) => one.id)
const page = (items, next = null) => ({ body: { items, next } })

async function opened() {
  answers["GET api/conversations"] = page([item("b", 3), item("a", 2)], "c1")
  answers["GET api/conversations?pinned=true&limit=100"] = page([item("p", 1, { pinned: true })])
  const library = new Library()
  await Promise.all([library.more(), library.more()])
  return library
}

test("the list begins with a page of it and all that is pinned, and goes on from its end", async () => {
  const library = await opened()
  assert.deepEqual(ids(library), ["b", "a", "p"])
  assert.equal(asked.length, 2)
  assert.equal(library.hasMore.get(), true)
  answers["GET api/conversations?cursor=c1"] = page([item("p", 1, { pinned: true }), item("z", 0)])
  await library.more()
  assert.deepEqual(ids(library), ["b", "a", "p", "z"])
  assert.equal(library.hasMore.get(), false)
})

test("a change is shown at once, and stays when the server has made it", async () => {
  const library = await opened()
  answers["PATCH api/conversations/a"] = { body: item("a", 2, { title: "new", revision: 2 }) }
  const done = library.patch("a", { title: "new" })
  assert.equal(library.get("a").title, "new")
  assert.equal(await done, true)
  assert.equal(library.get("a").title, "new")
})

test("a change that the server refuses is taken back, and told", async () => {
  const library = await opened()
  answers["PATCH api/conversations/a"] = { status: 507, body: { detail: "The disk is full.", code: "storage-full" } }
  const told = []
  library.addEventListener("notice", (event) => told.push(event.detail))
  const done = library.patch("a", { title: "new", pinned: true })
  assert.equal(library.get("a").pinned, true)
  assert.equal(await done, false)
  assert.equal(library.get("a").title, "a")
  assert.equal(library.get("a").pinned, false)
  assert.deepEqual(told, ["The disk is full."])
})

test("what is deleted goes at once and can be taken back", async () => {
  const library = await opened()
  answers["POST api/conversations/batch"] = { body: { changed: 2 } }
  const removing = library.remove(["a", "b"])
  assert.deepEqual(ids(library), ["p"])
  await removing
  assert.deepEqual(ids(library), ["p"])
  await library.restore(["a", "b"])
  assert.deepEqual(ids(library), ["b", "a", "p"])
  assert.match(asked.at(-1), /"action":"restore"/)
})

test("more than a thousand are done in several batches", async () => {
  const library = await opened()
  answers["POST api/conversations/batch"] = { body: { changed: 1000 } }
  asked = []
  await library.batch(Array.from({ length: 1001 }, (_, number) => `id${number}`), "read")
  assert.equal(asked.length, 2)
})

test("a page that was read before a change and comes after it does not undo it", async () => {
  const library = await opened()
  answers["GET api/conversations?cursor=c1"] = page([item("y", 0.5), item("z", 0), item("gone", 0)])
  const read = library.more()
  library.take(item("z", 9, { title: "new", revision: 2 }))
  library.forget("gone")
  await read
  assert.equal(library.get("z").title, "new")
  assert.deepEqual(ids(library), ["z", "b", "a", "p", "y"])
})

test("a page that was read after a change counts, also where the server has an older store now", async () => {
  const library = await opened()
  library.take(item("a", 9, { title: "new", revision: 2 }))
  await library.reload()
  assert.equal(library.get("a").title, "a")
})

test("an answer that comes late does not undo what is newer", async () => {
  const library = await opened()
  library.take(item("a", 9, { title: "newest", revision: 5 }))
  library.take(item("a", 2, { title: "late", revision: 4 }))
  assert.equal(library.get("a").title, "newest")
  assert.deepEqual(ids(library), ["a", "b", "p"])
})

test("each change is told with what it is now, and what is gone is gone", async () => {
  const library = await opened()
  const changes = []
  library.addEventListener("change", (event) => changes.push(event.detail))
  library.take(item("a", 2, { archived: true, revision: 2 }), ["m1"])
  library.forget("b")
  assert.deepEqual(changes.map(({ id, item: now, messages }) => [id, now?.archived ?? null, messages]),
    [["a", true, ["m1"]], ["b", null, []]])
  assert.deepEqual(ids(library), ["p"])
})

test("a list that is read anew shows as much as before", async () => {
  const library = await opened()
  answers["GET api/conversations?cursor=c1"] = page([item("z", 0)])
  await library.more()
  answers["GET api/conversations"] = page([item("n", 8), item("b", 3)], "c1")
  await library.reload()
  assert.deepEqual(ids(library), ["n", "b", "p", "z"])
})

test("what is read anew stays in view meanwhile, and what is gone from the server goes at its end", async () => {
  const library = await opened()
  const seen = []
  const { set } = library.items
  library.items.set = (items) => (seen.push(items.map(({ id }) => id).join("")), set(items))
  answers["GET api/conversations"] = page([item("n", 8), item("b", 3)])
  const reading = library.reload()
  library.take(item("new", 9)) // while it is read
  await reading
  assert.deepEqual(seen, ["newbap", "newnbap", "newnbp"])
})

test("a list that cannot be read anew stays as it is", async () => {
  const library = await opened()
  answers["GET api/conversations?cursor=c1"] = { status: 500, body: {} }
  answers["GET api/conversations"] = page([item("b", 3)], "c1")
  await library.reload()
  assert.equal(library.failed.get(), true)
  assert.deepEqual(ids(library), ["b", "a", "p"])
})
