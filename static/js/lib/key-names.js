/** @file Keys that are pressed together, by names that are kept, compared, and shown to people. */

import { t } from "./t.js"

/**
 * What names are made of. `Ctrl` is the command key on a Mac.
 * @typedef {Pick<KeyboardEvent, "key"|"code"|"ctrlKey"|"metaKey"|"altKey"|"shiftKey">
 *   & {getModifierState?: (name: string) => boolean}} Pressed
 */

const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Fn", "NumLock", "OS"])
/** What stands on the keys of a keyboard of the United States, by their place. @type {Record<string, string>} */
const SIGNS = {
  Comma: ",", Period: ".", Slash: "/", Semicolon: ";", Quote: "'", BracketLeft: "[", BracketRight: "]",
  Backslash: "\\", Minus: "-", Equal: "=", Backquote: "`", Space: " ",
}
const FUNCTION_KEY = /^F([1-9]|1\d|2[0-4])$/
const ASCII = /^[!-~]$/

/**
 * All names that what is pressed goes by, the best one first; none where keys only write or move.
 *
 * A letter is the one that the keyboard writes; where it writes no Latin one, that of the key's
 * place. A sign is also found where it takes Shift on this keyboard and none on another, and the
 * other way round: `/` is Shift+7 on a German one.
 *
 * @param {Pressed} event
 * @param {boolean} mac
 * @returns {string[]}
 */
export function namesOf(event, mac) {
  const { key, code, altKey, shiftKey } = event
  const [main, other] = mac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey]
  // AltGr writes signs; Windows reports it as Ctrl and Alt.
  if (MODIFIERS.has(key) || other || (main && altKey) || event.getModifierState?.("AltGraph")) return []
  if (!main && !altKey && key !== "Escape" && !FUNCTION_KEY.test(key)) return []
  const before = `${main ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}`
  const shift = shiftKey ? "Shift+" : ""
  return [...new Set(keysOf(key, code, shift).map((name) => before + name))]
}

/** @param {string} key @param {string} code @param {string} shift @returns {string[]} */
function keysOf(key, code, shift) {
  const placed = SIGNS[code] ?? (/^(?:Key|Digit)(.)$/.exec(code)?.[1].toLowerCase() ?? "")
  const here = placed ? [shift + placed] : []
  if (key.length > 1 && key !== "Dead" && key !== "Unidentified") return [shift + key]
  const low = key.toLowerCase()
  if (/^[a-z]$/.test(low)) return [shift + low]
  if (key.length > 1) return here
  if (low !== key.toUpperCase()) return [shift + low, ...here] // a letter of another script
  if (!shift) return ASCII.test(key) ? [key] : [key, ...here]
  return [...here, shift + key, key]
}

/** The words on the keys. @param {string} name @param {boolean} mac */
export function labelsOf(name, mac) {
  const parts = name.split(/\+(?=.)/)
  return parts.map((part, index) => (index < parts.length - 1 ? modifier(part, mac) : keyLabel(part)))
}

/** In one line, for a tooltip. @param {string} name @param {boolean} mac */
export function labelOf(name, mac) {
  return labelsOf(name, mac).join(mac ? "" : "+")
}

/** As `aria-keyshortcuts` wants it. @param {string} name @param {boolean} mac */
export function ariaOf(name, mac) {
  return name.replace("Ctrl", mac ? "Meta" : "Control").replace(/\+([a-z])$/, (_, letter) => `+${letter.toUpperCase()}`)
}

/** @param {string} part @param {boolean} mac */
function modifier(part, mac) {
  if (mac) return { Ctrl: "⌘", Alt: "⌥", Shift: "⇧" }[part] ?? part
  return { Ctrl: t("key.ctrl"), Alt: t("key.alt"), Shift: t("key.shift") }[part] ?? part
}

/** @param {string} key */
function keyLabel(key) {
  const named = /** @type {Record<string, string>} */ ({
    ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", " ": t("key.space"), Escape: t("key.escape"),
    Backspace: t("key.backspace"), Enter: t("key.enter"), Delete: t("keys.delete"), Tab: "Tab",
  })
  return named[key] ?? (key.length === 1 ? key.toUpperCase() : key)
}
