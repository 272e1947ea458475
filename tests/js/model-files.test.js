import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { allFacts, fileFacts, isModelFile, placesOf } from "../../static/js/lib/model-files.js"
import { endpointName } from "../../static/js/lib/words.js"
import { placeName } from "../../static/js/lib/status.js"

const file = {
  name: "m.gguf", title: "M", size_bytes: 4_920_000_000, quantisation: "Q4_K_M", parameters: 8_030_000_000, architecture: "llama",
  context_length: 131072, chat_template: true, needed_bytes: 6_100_000_000, state: "off",
}
const model = { id: "m", endpoint: "local:m", kind: "local", context_window: 4096, default: false, file }

test("what is told of a model file is what helps to choose one", () => {
  assert.deepEqual(fileFacts(model), ["Q4_K_M", "4.9 GB"])
  assert.deepEqual(fileFacts({ ...model, file: undefined }), [])
  const facts = (more) => allFacts({ ...model, ...more }).split("\u00a0· ")
  assert.deepEqual(facts(), ["Q4_K_M", "4.9 GB", "8.0 B parameters", "4k of 128k context", "needs about 6.1 GB of memory"])
  assert.deepEqual(facts({ file: { ...file, context_length: 4096, parameters: 134_515_008 } }).slice(2, 4), ["135 M parameters", "4k context"])
  assert.equal(facts({ file: { ...file, context_length: null } })[3], "4k context")
  assert.equal(allFacts({ ...model, file: undefined }), "")
})

test("model files are one place, though each is an endpoint", () => {
  const endpoints = [["Ollama", "discovered"], ["local:a", "local"], ["local:b", "local"]].map(([name, kind]) => ({ name, kind, state: "ok" }))
  const models = [["x", "Ollama", "discovered"], ["a", "local:a", "local"], ["b", "local:b", "local"]].map(([id, endpoint, kind]) => ({ id, endpoint, kind }))
  const places = placesOf(endpoints, models).map(([one, found]) => [endpointName(one), found.map(({ id }) => id)])
  assert.deepEqual(places, [["Ollama", ["x"]], ["On this computer", ["a", "b"]]])
  assert.equal(placeName("local:a"), "a")
})

test("a model is told from a file that goes with a message", () => {
  assert.deepEqual(["a.gguf", "A.GGUF", "gguf", "a.gguf.txt"].map((name) => isModelFile({ name })), [true, true, false, false])
})
