import assert from "node:assert/strict"
import { readdirSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { test } from "node:test"

import { has, languages, number, speak, t } from "../../static/js/lib/t.js"
import english from "../../static/js/words/en.js"

const FOLDER = new URL("../../static/js/", import.meta.url)
const places = (text) => [...new Set(Object.values(typeof text === "string" ? [text] : text).flatMap((one) => one.match(/\{\w+\}/g) ?? []))].sort()

/** A catalogue of the test's own. */
function say(words, language = "en") {
  speak(words, language)
}

test("every catalogue has the same keys, sorted, with the same places", async () => {
  const files = readdirSync(new URL("words/", FOLDER))
  assert.deepEqual(files.sort(), Object.keys(languages).map((one) => `${one}.js`).sort())
  const keys = Object.keys(english)
  assert.deepEqual(keys, [...keys].sort())
  for (const file of files) {
    const { default: words } = await import(new URL(`words/${file}`, FOLDER))
    assert.deepEqual(Object.keys(words), keys, file)
    for (const key of keys) assert.deepEqual(places(words[key]), places(english[key]), `${key} of ${file}`)
  }
})

test("every plural has a text for each category of its language", async () => {
  for (const language of Object.keys(languages)) {
    const { default: words } = await import(new URL(`words/${language}.js`, FOLDER))
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions()
    for (const [key, text] of Object.entries(words)) {
      if (typeof text !== "string") assert.deepEqual(Object.keys(text).sort(), [...pluralCategories].sort(), `${key} of ${language}`)
    }
  }
})

test("what runs before the first paint knows the same languages", async () => {
  const [, list] = (await readFile(new URL("language.js", FOLDER), "utf8")).match(/SPOKEN = (\[.*?\])/)
  assert.deepEqual(JSON.parse(list), Object.keys(languages))
})

test("places are filled, and numbers written as the language does", () => {
  say({ a: "{name} has {count} of {all}" })
  assert.equal(t("a", { name: "$& {all}", count: 1234.5, all: 0 }), "$& {all} has 1,234.5 of 0")
  say({ a: "{count}" }, "de")
  assert.equal(t("a", { count: 1234.5 }), "1.234,5")
  assert.equal(number(1234.5, 2), "1.234,50")
})

test("a plural is chosen by the rules of its language", () => {
  const words = { a: { one: "one", few: "few {count}", other: "other {count}" } }
  say(words, "en")
  assert.deepEqual([0, 1, 2, 1000].map((count) => t("a", { count })), ["other 0", "one", "other 2", "other 1,000"])
  say(words, "pl")
  assert.deepEqual([1, 3, 5].map((count) => t("a", { count })), ["one", "few 3", "other 5"])
})

test("a catalogue has only its own keys", () => {
  say({ a: "b" })
  assert.deepEqual(["a", "b", "constructor"].map(has), [true, false, false])
})
