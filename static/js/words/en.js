/**
 * @file The words of the page in English, which the other catalogues are translations of.
 *
 * `{name}` is a place; a text that depends on a number is one text for each plural category of the
 * language (Intl.PluralRules), chosen by its place `count`. Sorted by key.
 *
 * @typedef {typeof words} English
 * @typedef {keyof English} Key
 * @typedef {{other: string, one?: string, zero?: string, two?: string, few?: string, many?: string}} Plural
 * @typedef {{[K in Key]: English[K] extends string ? string : Plural}} Words
 */

const words = /** @type {const} */ ({
  "composer.hint": "Models make mistakes. Check what matters.",
  "composer.label": "Message",
  "composer.placeholder": "Ask anything",
})

export default words
