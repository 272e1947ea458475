/** @file The places of a prompt, `{{name}}` or `{{name=default}}`, which are filled when it is used. */

/** @typedef {{name: string, value: string}} Variable */

const PLACE = /\{\{[ \t]*([^{}=|\n]{1,60}?)[ \t]*(?:=([^{}]*))?\}\}/g

/**
 * What the places of a prompt are called, each once, with what they are filled with unless it is
 * changed. The names that Open WebUI fills by itself have that as their default.
 *
 * @param {string} text
 * @param {Date} now
 * @returns {Variable[]}
 */
export function variablesOf(text, now) {
  /** @type {Map<string, string>} */
  const found = new Map()
  for (const [, name, standard] of text.matchAll(PLACE)) {
    if (!found.get(name)) found.set(name, standard ?? known(name, now))
  }
  return [...found].map(([name, value]) => ({ name, value }))
}

/** @param {string} text @param {Record<string, string>} values */
export function filled(text, values) {
  return text.replace(PLACE, (place, name) => (Object.hasOwn(values, name) ? values[name] : place))
}

/** @param {string} name @param {Date} now */
function known(name, now) {
  const [date, time] = [now.toLocaleDateString("sv"), now.toLocaleTimeString("sv")] // as in 2026-01-31, 18:05:00
  /** @type {Record<string, string>} */
  const values = {
    CURRENT_DATE: date, CURRENT_TIME: time, CURRENT_DATETIME: `${date} ${time}`,
    CURRENT_WEEKDAY: now.toLocaleDateString("en", { weekday: "long" }),
    CURRENT_TIMEZONE: Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
  return Object.hasOwn(values, name) ? values[name] : ""
}
