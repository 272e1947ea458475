import assert from "node:assert/strict"
import { test } from "node:test"

import { sentences } from "../../static/js/lib/sentences.js"
import { languageOfText } from "../../static/js/lib/tongues.js"

test("a text is cut where its sentences end, and short ones are joined", () => {
  assert.deepEqual(sentences("One. Two!\nThree?"), ["One. Two! Three?"])
  const long = `${"word ".repeat(30)}end.`
  assert.deepEqual(sentences(`${long} ${long}`), [long, long])
  assert.deepEqual(sentences("  \n "), [])
})

test("nothing is lost of a sentence that is too long, nor is a word cut", () => {
  const text = "word ".repeat(200).trim()
  const cut = sentences(text)
  assert.equal(cut.join(" "), text)
  assert.ok(cut.every((one) => one.length <= 240 && one.endsWith("word")))
  assert.equal(sentences("x".repeat(1000)).join(""), "x".repeat(1000))
})

test("the language of a text is told by its script or its common words", () => {
  const told = (text) => languageOfText(text, "en")
  assert.equal(told("Die Antwort ist nicht einfach, und sie wird auch nicht kürzer."), "de")
  assert.equal(told("La réponse est dans les livres que vous avez sur une table."), "fr")
  assert.equal(told("これは日本語です。"), "ja")
  assert.equal(told("这是中文。"), "zh")
  assert.equal(told("Это русский текст, and some English."), "ru")
  assert.equal(told("The answer is in the books that you have."), "en")
})

test("a text that does not say is in the language of the page", () => {
  assert.equal(languageOfText("42", "de"), "de")
  assert.equal(languageOfText("OK, der Code.", "en"), "en")
  assert.equal(languageOfText("The answer is in the books that you have.", "de"), "en")
})
