/** @file Settings for chats that are kept under a name. */

/** @typedef {import("./chat-settings.js").Settings} Settings @typedef {typeof COLOURS[number]} Colour */
/** @typedef {{id: string, name: string, icon: string, colour: Colour, starters: string[], settings: Settings, updated: number}} Preset */

export const COLOURS = /** @type {const} */ (["grey", "red", "orange", "yellow", "green", "teal", "blue", "violet", "pink"])
export const LONGEST_NAME = 60
const MOST_STARTERS = 6
const LONGEST_STARTER = 2000

/** What stands in the badge of a preset: its icon, or what its name begins with. @param {{icon: string, name: string}} preset */
export function signOf({ icon, name }) {
  return icon || [...name.trim()][0]?.toLocaleUpperCase() || "?"
}

/** Of a text with one on each line. @param {string} text */
export function startersIn(text) {
  return text.split("\n").map((line) => line.trim().slice(0, LONGEST_STARTER)).filter(Boolean).slice(0, MOST_STARTERS)
}

/** What a chat with a preset has set. @param {Preset} preset @returns {Settings} */
export function settingsWith({ id, settings }) {
  return { ...settings, preset: id }
}
