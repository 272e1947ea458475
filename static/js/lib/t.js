/** @file The page's words, numbers and dates in the language it speaks. */

import { keep, kept } from "../state/kept.js"

/** @typedef {import("../words/en.js").English} English @typedef {import("../words/en.js").Key} Key */
/** @typedef {import("../words/en.js").Words} Words */
/**
 * The places of a text: `{name}`.
 * @template Text
 * @typedef {Text extends `${string}{${infer Name}}${infer Rest}` ? Name | PlacesOf<Rest> : never} PlacesOf
 */
/**
 * What stands in the places of the texts of a key; a plural has the place `count` in any case.
 * @template {Key} K
 * @typedef {English[K] extends string ? PlacesOf<English[K]> : "count" | PlacesOf<English[K][keyof English[K]]>} Place
 */
/**
 * @template {Key} K
 * @typedef {[Place<K>] extends [never] ? [] : [Record<Place<K>, string|number>]} Values
 */
/** Keys of texts without places. @typedef {{[K in Key]: [Place<K>] extends [never] ? K : never}[Key]} Plain */

const KEY = "llmchat.language"

/** What the page speaks, each by its own name (js/language.js has them too). @type {Readonly<Record<string, string>>} */
export const languages = { en: "English", de: "Deutsch" }

/** @type {Words} */
let words
/** Those of parts, from when they are there. */
/** @typedef {import("../words/access/en.js").AccessWords & import("../words/projects/en.js").ProjectWords & import("../words/share/en.js").ShareWords} Further */
const further = /** @type {Further} */ ({})
let locale = "en"
/** @type {Intl.PluralRules} */
let plurals
/** @type {Intl.NumberFormat} */
let numbers
/** Making one takes longer than using it. @type {Map<Intl.DateTimeFormatOptions, Intl.DateTimeFormat>} */
const dates = new Map()

/** Load the words of the page's language; nothing is said before. */
export async function learn() {
  const { lang, dataset } = document.documentElement
  const module = await import(`../words/${lang in languages ? lang : "en"}.js`)
  speak(module.default, dataset.locale ?? lang)
}

/** Further words, of a part that is not always there: before it is shown. @param {"access"|"projects"|"share"} part */
export async function learnMore(part) {
  const { lang } = document.documentElement
  const module = await import(`../words/${part}/${lang in languages ? lang : "en"}.js`)
  Object.assign(further, module.default)
}

/** @param {Words} catalogue @param {string} tag its language, with the region that dates and numbers go by */
export function speak(catalogue, tag) {
  words = catalogue
  locale = tag
  plurals = new Intl.PluralRules(tag)
  numbers = new Intl.NumberFormat(tag)
  dates.clear()
}

/** The language of the page and its region, for Intl. */
export function currentLocale() {
  return locale
}

/** The language that was chosen by hand; null: as the browser has it. */
export function chosen() {
  return kept(KEY)
}

/** Load the page in another language. @param {string|null} language null: as the browser has it */
export function choose(language) {
  keep(KEY, language)
  location.reload()
}

/**
 * A text of the catalogue. Numbers are written as the language writes them.
 *
 * @template {Key} K
 * @param {K} key
 * @param {Values<K>} values
 * @returns {string}
 */
export function t(key, ...values) {
  const places = /** @type {Record<string, string|number>} */ (values[0] ?? {})
  const text = key in further ? further[/** @type {keyof typeof further} */ (key)] : words[/** @type {keyof Words} */ (key)]
  if (typeof text === "string") return fill(text, places)
  return fill(text[plurals.select(Number(places.count))] ?? text.other, places)
}

/**
 * What the language of the page calls something that the server has named; null: the server's own
 * words are in that language, or there are none.
 *
 * @param {string|null|undefined} code
 * @param {Record<string, string>} [places]
 */
export function serverWords(code, places = {}) {
  const key = /** @type {`server.${string}`} */ (`server.${code}`)
  const text = (Object.hasOwn(words, key) && words[key]) || (Object.hasOwn(further, key) && further[key])
  return text ? fill(text, places) : null
}

/** @param {number} value @param {number} [digits] after the point; without, as many as it has (up to three) */
export function number(value, digits) {
  if (digits === undefined) return numbers.format(value)
  return new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value)
}

/** @param {Date} time @param {Intl.DateTimeFormatOptions} options always the same object for the same shape */
export function date(time, options) {
  if (!dates.has(options)) dates.set(options, new Intl.DateTimeFormat(locale, options))
  return /** @type {Intl.DateTimeFormat} */ (dates.get(options)).format(time)
}

/** @param {string} text @param {Record<string, string|number>} places */
function fill(text, places) {
  return text.replace(/\{(\w+)\}/g, (place, name) => {
    const value = places[name]
    return typeof value === "number" ? numbers.format(value) : value ?? place
  })
}
