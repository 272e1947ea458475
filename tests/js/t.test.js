import assert from "node:assert/strict"
import { readdirSync, readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { test } from "node:test"

import { explained, inOneLine } from "../../static/js/lib/problems.js"
import { date, languages, number, speak, t } from "../../static/js/lib/t.js"
import english from "../../static/js/words/en.js"

const FOLDER = new URL("../../static/js/", import.meta.url)
/** The folders of the words: those that are always there, and those of parts. */
const PARTS = ["words/", ...readdirSync(new URL("words/", FOLDER), { withFileTypes: true }).filter((one) => one.isDirectory()).map(({ name }) => `words/${name}/`)]
const places = (text) => [...new Set(Object.values(typeof text === "string" ? [text] : text).flatMap((one) => one.match(/\{\w+\}/g) ?? []))].sort()

/** A catalogue of the test's own. */
function say(words, language = "en") {
  speak(words, language)
}

test("every catalogue has the same keys, sorted, with the same places", async () => {
  for (const part of PARTS) {
    const files = readdirSync(new URL(part, FOLDER), { withFileTypes: true }).filter((one) => one.isFile()).map(({ name }) => name)
    assert.deepEqual(files.sort(), Object.keys(languages).map((one) => `${one}.js`).sort())
    const { default: english } = await import(new URL(`${part}en.js`, FOLDER))
    const keys = Object.keys(english)
    assert.deepEqual(keys, [...keys].sort())
    for (const file of files) {
      const { default: words } = await import(new URL(part + file, FOLDER))
      const all = Object.keys(words)
      assert.deepEqual(all, [...all].sort(), file)
      assert.deepEqual(all.filter((key) => !key.startsWith("server.")), keys, file)
      for (const key of keys) assert.deepEqual(places(words[key]), places(english[key]), `${key} of ${file}`)
    }
  }
})

test("every plural has a text for each category of its language", async () => {
  for (const language of Object.keys(languages)) {
    const all = await Promise.all(PARTS.map((part) => import(new URL(`${part}${language}.js`, FOLDER))))
    const words = Object.assign({}, ...all.map((one) => one.default))
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

test("a date is written as its language does, in the language that is spoken now", () => {
  const shape = { day: "numeric", month: "long" }
  const time = new Date(2026, 2, 5)
  say({}, "en-US")
  assert.equal(date(time, shape), "March 5")
  say({}, "de")
  assert.equal(date(time, shape), "5. März")
})

test("an error is told in the language of the page, with what the server said", () => {
  const problem = { code: "stale", message: "It went on." }
  speak(english, "en")
  assert.deepEqual(explained(problem), { text: "It went on.", detail: "" })
  say({ "server.stale": "Veraltet." }, "de")
  assert.deepEqual(explained(problem), { text: "Veraltet.", detail: "It went on." })
  assert.equal(inOneLine(problem), "Veraltet. (It went on.)")
  assert.equal(inOneLine({ code: "constructor", message: "m" }), "m")
})

test("the page itself says in English what the catalogue does", async () => {
  const html = await readFile(new URL("../index.html", FOLDER), "utf8")
  const attribute = (tag, name) => tag.match(new RegExp(` ${name}="([^"]*)"`))?.[1].replaceAll("&#10;", "\n")
  const named = { "data-t-label": "aria-label", "data-t-title": "title", "data-t-starter": "data-text" }
  for (const [tag, text] of [...html.matchAll(/(<[^>]*>)([^<]*)/g)].map((one) => one.slice(1))) {
    for (const [from, to] of Object.entries(named)) assert.equal(attribute(tag, to), english[attribute(tag, from)], tag)
    if (/[a-z]/i.test(text) && !/^<(title|noscript)/.test(tag)) assert.equal(text, english[attribute(tag, "data-t")], tag)
  }
})

test("every code that people are told with has words in each other language", async () => {
  const [, ends] = (await readFile(new URL("../../docs/errors.md", FOLDER), "utf8")).split("| code | what |")
  const codes = [...ends.matchAll(/^\| `([\w-]+)`/gm)].map(([, code]) => code)
  assert.ok(codes.length > 35)
  for (const language of Object.keys(languages).filter((one) => one !== "en")) {
    const { default: words } = await import(new URL(`words/${language}.js`, FOLDER))
    assert.deepEqual(codes.filter((code) => !words[`server.${code}`]), [], language)
  }
})

// What looks like a text and is none.
const NO_WORDS = [
  /^(Enter|Escape|Tab|Home|End|Delete|Arrow\w+|F2|Files|Page\w+|Backspace)$/, // keys, and what is dragged
  /^(Ctrl|Alt|Shift|Control|Meta|AltGraph|CapsLock|NumLock|Fn|Dead|Unidentified)(\+.*)?$/, // and in lib/key-names.js
  /^(GET|POST|PUT|PATCH|DELETE|HEAD)$/, // methods
  /^(AbortError|Content-Type|Idempotency-Key|Retry-After|BroadcastChannel|Last-Event-ID|Notification)$/, // names of the web's
  /^[a-z\d ]+$/, // lists of names
  /^(Dockerfile|Makefile)$/, // names of files
  /^(display color|borderTop) [a-zA-Z ]+$/, // styles of formulas
  /^New chat$/, // what the server calls a chat without words
  /^(ChatGPT|Claude|Open WebUI|LibreChat|Chatbot UI|English|Deutsch)$/, // names of people's things
]

test("no module has a text of its own: it would be in one language only", () => {
  const found = []
  for (const file of readdirSync(FOLDER, { recursive: true }).filter((one) => one.endsWith(".js") && !one.startsWith("words/"))) {
    const code = readFileSync(new URL(file, FOLDER), "utf8").replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/ .*/g, "")
    // Attributes and children of h(), labels and whole sentences: each begins with a capital or has several words.
    for (const [, , text] of code.matchAll(/(["`])((?:[A-Z][a-z]+|[A-Za-z“][^"`\n$<>=]* [a-z]+ )[^"`\n]*)\1/g)) {
      if (!NO_WORDS.some((one) => one.test(text))) found.push(`${file}: ${text}`)
    }
  }
  assert.deepEqual(found, [])
})

test("the style sheets know no left and right, so a page may be read from either side", () => {
  const folder = new URL("../css/", FOLDER)
  const sides = /(?:^|[;{\s])((?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)[\w-]*|left|right|border-(?:top|bottom)-(?:left|right)-radius|float)\s*:|text-align\s*:\s*(?:left|right))/g
  const found = readdirSync(folder).flatMap((file) =>
    [...readFileSync(new URL(file, folder), "utf8").matchAll(sides)].map(([, one]) => `${file}: ${one}`))
  assert.deepEqual(found, [])
})
