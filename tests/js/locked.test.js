import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { onLocked, request, whenSignedIn } from "../../static/js/lib/api.js"

/** The server answers with these, one after the other. @returns {string[]} the addresses that were asked for */
function answering(...answers) {
  const asked = []
  globalThis.fetch = async (address) => {
    asked.push(address)
    const [status, body] = answers.shift() ?? [500, {}]
    return new Response(JSON.stringify(body), { status })
  }
  return asked
}

test("what is refused since nobody is signed in is asked again when somebody is", async () => {
  let open = () => {}
  onLocked(() => new Promise((resolve) => { open = resolve }))
  const asked = answering([401, { code: "session-ended" }], [200, { items: [1] }])
  const reading = request("api/x")
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(asked, ["api/x"])
  open()
  assert.deepEqual(await reading, { items: [1] })
  assert.deepEqual(asked, ["api/x", "api/x"])
})

test("other refusals are told to who has asked", async () => {
  onLocked(() => assert.fail("nobody has to sign in"))
  for (const code of ["login-failed", "api-key", "forbidden"]) {
    answering([code === "forbidden" ? 403 : 401, { code, detail: "No." }])
    await assert.rejects(request("api/x"), { code, message: "No." })
  }
})

test("a stream that was refused waits only where nobody is signed in", async () => {
  let times = 0
  onLocked(async () => { times++ })
  answering([200, { account: { id: "owner" } }])
  await whenSignedIn()
  answering([503, {}])
  await whenSignedIn()
  assert.equal(times, 0)
  answering([200, { account: null }])
  await whenSignedIn()
  assert.equal(times, 1)
})
