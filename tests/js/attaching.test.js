import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import "./english.js"
import { LIMITS } from "../../static/js/lib/files.js"
import { Attaching } from "../../static/js/state/attaching.js"

/** @type {Sending[]} */
let sent = []

class Sending {
  upload = {}
  open() {}
  send(body) {
    this.file = body.get("file")
    sent.push(this)
  }
  abort() { this.onabort() }
  answer(status, response) {
    Object.assign(this, { status, response })
    this.onload()
  }
}

beforeEach(() => {
  sent = []
  globalThis.XMLHttpRequest = Sending
})

const text = (name) => new File(["text"], name, { type: "text/plain" })
const stored = (name) => ({ file: name, name, type: "text/plain", size: 4, kind: "text" })
const settled = () => new Promise((resolve) => setTimeout(resolve))
const steps = (files) => files.now.map(({ step }) => step)

test("files are sent one after the other, and told how far they are", async () => {
  const files = new Attaching("c", () => LIMITS, async (file) => ({ content: file, name: file.name }))
  let changes = 0
  files.addEventListener("change", () => changes++)
  files.add([text("a"), text("b")])
  await settled()
  assert.deepEqual([sent.length, ...steps(files)], [1, "sending", "waiting"])
  sent[0].upload.onprogress({ loaded: 1, total: 4 })
  assert.equal(files.now[0].part, 0.25)
  sent[0].answer(201, stored("a"))
  await settled()
  assert.deepEqual([sent.length, changes, ...steps(files)], [2, 1, "there", "sending"])
  assert.ok(!files.isReady)
  sent[1].answer(201, stored("b"))
  await settled()
  assert.ok(files.isReady)
  assert.deepEqual(files.stored[1], { file: "b", name: "b", type: "text/plain", size: 4 })
})

test("one that fails holds none up, and may be tried again where that helps", async () => {
  const files = new Attaching("c", () => LIMITS, async (file) => ({ content: file, name: file.name }))
  files.add([text("a"), text("b")])
  await settled()
  sent[0].answer(422, { code: "file-type", detail: "Of a kind that cannot be read." })
  await settled()
  assert.deepEqual([files.now[0].problem, files.now[0].again, files.hasFailed], ["Of a kind that cannot be read.", false, true])
  sent[1].onerror()
  await settled()
  assert.deepEqual([steps(files)[1], files.now[1].again], ["failed", true])
  files.retry(files.now[1].key)
  await settled()
  sent[2].answer(201, stored("b"))
  await settled()
  assert.deepEqual(steps(files), ["failed", "there"])
})

test("one that is removed is not sent any more", async () => {
  const files = new Attaching("c", () => LIMITS, async (file) => ({ content: file, name: file.name }))
  files.add([text("a"), text("b"), text("c")])
  await settled()
  files.remove(files.now[1].key)
  files.remove(files.now[0].key)
  await settled()
  assert.deepEqual(sent.map(({ file }) => file.name), ["a", "c"])
  assert.deepEqual(files.now.map(({ name }) => name), ["c"])
})

test("a picture is judged by what it becomes", async () => {
  const limits = { ...LIMITS, file_bytes: 10 }
  const picture = new File(["x".repeat(100)], "a.png", { type: "image/png" })
  const small = new Attaching("c", () => limits, async () => ({ content: new Blob(["small"]), name: "a.jpg" }))
  small.add([picture])
  await settled()
  assert.deepEqual([sent[0].file.name, sent[0].file.size], ["a.jpg", 5])
  const large = new Attaching("c", () => limits, async () => ({ content: new Blob(["much too large"]), name: "a.png" }))
  large.add([picture])
  await settled()
  assert.match(large.now[0].problem, /A file may have/)
  const broken = new Attaching("c", () => limits, async () => { throw new Error("InvalidStateError") })
  broken.add([picture])
  await settled()
  assert.equal(broken.now[0].problem, "This picture cannot be read.")
  assert.equal(sent.length, 1)
})

test("what cannot be taken at all is refused at once", () => {
  const files = new Attaching("c", () => ({ ...LIMITS, files: 1 }), async (file) => ({ content: file, name: file.name }))
  const refused = []
  files.addEventListener("refused", (event) => refused.push(event.detail))
  files.add([text("a"), text("b")])
  assert.equal(files.now.length, 1)
  assert.match(refused[0], /^b is one too many/)
})
