import assert from "node:assert/strict"
import { test } from "node:test"

import { startersOf } from "../../static/js/lib/starters.js"

/** @param {string} id @param {Partial<import("../../static/js/types.js").Model>} [more] */
function of(id, more = {}) {
  return startersOf({ id, endpoint: "e", kind: "configured", default: true, ...more })[0]
}

test("a tiny model is asked easy things, one with eyes about a picture, one for code about code", () => {
  assert.equal(of("coder-tiny.gguf", { kind: "embedded" }), "haiku")
  assert.equal(of("llava", { capabilities: { vision: true } }), "picture")
  for (const id of ["qwen2.5-coder:7b", "codestral-latest", "deepseek-coder-v2", "CodeLlama-7b", "gpt-5-codex"]) {
    assert.equal(startersOf({ id, endpoint: "e", kind: "discovered", default: true })[1], "test", id)
  }
  assert.equal(startersOf(null)[1], "plan")
  for (const id of ["gpt-4o", "encoder-decoder", "decoded", "llama3"]) assert.equal(of(id, { capabilities: { vision: null } }), "error", id)
})
