/** @file The fields of what is set for a chat: what is written in them as values, and the other way round. */

/** @typedef {keyof typeof NUMBERS} NumberName */

/** The numbers, and what they may be. */
export const NUMBERS = /** @type {const} */ ({
  temperature: { min: 0, max: 2, step: 0.1 },
  top_p: { min: 0, max: 1, step: 0.05 },
  max_tokens: { min: 1, max: 2147483647, step: 1 },
  history: { min: 1, max: 1000, step: 1 },
  seed: { min: -9007199254740991, max: 9007199254740991, step: 1 },
  presence_penalty: { min: -2, max: 2, step: 0.1 },
  frequency_penalty: { min: -2, max: 2, step: 0.1 },
})
export const EFFORTS = /** @type {const} */ (["none", "minimal", "low", "medium", "high", "xhigh"])

/** What JSON is made of, in whatever order. */
const SIGNS = /^(?:[\s{}[\],:]|"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)*/
const STANDARD_SCHEMA = { type: "object", properties: {}, required: [], additionalProperties: false }

/** What is written in the field of a number: nothing, the number, or NaN for what is none. @param {NumberName} name @param {string} text @returns {number|undefined} */
export function numberIn(name, text) {
  if (!text.trim()) return undefined
  const { min, max, step } = NUMBERS[name]
  const value = Number(text.trim().replace(",", "."))
  return value >= min && value <= max && (step < 1 || Number.isInteger(value)) ? value : NaN
}

/** One text on each line, in which `\n` stands for the end of a line. @param {string} text @returns {string[]|undefined} */
export function stopsIn(text) {
  const lines = text.split("\n").filter(Boolean).map((line) => line.replaceAll("\\n", "\n"))
  return lines.length ? lines : undefined
}

/** @param {string|string[]|undefined} stop */
export function stopsAsText(stop) {
  return [stop ?? []].flat().map((one) => one.replaceAll("\n", "\\n")).join("\n")
}

/** What is written as JSON; nothing for nothing. Throws a SyntaxError, also for what is no object. @param {string} text @returns {Record<string, any>|undefined} */
export function objectIn(text) {
  if (!text.trim()) return undefined
  const value = JSON.parse(text)
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SyntaxError("no object")
  return value
}

/** @param {Record<string, any>|undefined} value */
export function asText(value) {
  return value && Object.keys(value).length ? JSON.stringify(value, null, 2) : ""
}

/** Where a text is wrong as JSON: where it has no sign of JSON any more, or else where the browser says. @param {string} text @param {unknown} error @returns {{line: number, column: number}|null} null: nobody knows */
export function placeOfMistake(text, error) {
  const [signs = ""] = SIGNS.exec(text) ?? []
  const told = /position (\d+)/.exec(String(error))?.[1]
  const at = signs.length < text.length ? signs.length : told === undefined ? null : Number(told)
  if (at === null) return null
  const before = text.slice(0, at).split("\n")
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** The schema to begin with. */
export function newSchema() {
  return JSON.stringify(STANDARD_SCHEMA, null, 2)
}
