import assert from "node:assert/strict"
import { test } from "node:test"

import "./english.js"
import { ariaOf, labelOf, labelsOf, namesOf } from "../../static/js/lib/key-names.js"
import { bound, deedOf, KEYS, STANDARD } from "../../static/js/lib/keys-table.js"

/** @typedef {import("../../static/js/lib/key-names.js").Pressed} Pressed */

/** @param {string} held @param {string} key @param {string} code @returns {Pressed} */
function press(held, key, code) {
  const names = held.split(" ")
  return {
    key, code, ctrlKey: names.includes("ctrl"), metaKey: names.includes("meta"), altKey: names.includes("alt"),
    shiftKey: names.includes("shift"), getModifierState: (name) => name === "AltGraph" && names.includes("altgr"),
  }
}

/** @param {string} held @param {string} key @param {string} code @param {boolean} [mac] */
function deed(held, key, code, mac = false) {
  return deedOf(bound({}), namesOf(press(held, key, code), mac))
}

test("every standard key does what it is for, on a keyboard of the United States", () => {
  const pressed = /** @type {[string, string, string][]} */ ([
    ["ctrl shift", "O", "KeyO"], ["ctrl", "k", "KeyK"], ["ctrl shift", "ArrowUp", "ArrowUp"], ["ctrl shift", "ArrowDown", "ArrowDown"],
    ["ctrl shift", "Backspace", "Backspace"], ["shift", "Escape", "Escape"], ["", "Escape", "Escape"], ["ctrl shift", "C", "KeyC"],
    ["ctrl shift", ":", "Semicolon"], ["ctrl shift", "M", "KeyM"], ["ctrl", ".", "Period"], ["ctrl", "b", "KeyB"], ["ctrl", ",", "Comma"], ["ctrl", "/", "Slash"],
  ])
  assert.deepEqual(pressed.map((one) => deed(...one)), Object.keys(STANDARD))
})

test("on a German keyboard signs are found where they are written", () => {
  assert.equal(deed("ctrl shift", "/", "Digit7"), "keys")
  assert.equal(deed("ctrl shift", ";", "Comma"), "copyCode")
  assert.equal(deed("ctrl shift", "Ö", "Semicolon"), "copyCode")
  assert.equal(deed("ctrl", ",", "Comma"), "settings")
  assert.equal(deed("ctrl", "-", "Slash"), null) // makes the page smaller
})

test("letters are those that are written, or those of their place where no Latin ones are", () => {
  assert.equal(deed("ctrl", "k", "KeyV"), "search") // Dvorak
  assert.equal(deed("ctrl", "t", "KeyK"), null)
  assert.equal(deed("ctrl", "л", "KeyK"), "search")
  assert.equal(deed("ctrl shift", "Щ", "KeyO"), "fresh")
  assert.equal(deed("ctrl", "K", "KeyK"), "search") // with Caps Lock
})

test("keys that only write do nothing, and neither does AltGr", () => {
  assert.deepEqual(namesOf(press("", "k", "KeyK"), false), [])
  assert.deepEqual(namesOf(press("shift", "K", "KeyK"), false), [])
  assert.deepEqual(namesOf(press("ctrl alt", "q", "KeyQ"), false), [])
  assert.deepEqual(namesOf(press("ctrl altgr", "@", "KeyQ"), false), [])
  assert.deepEqual(namesOf(press("ctrl", "Control", "ControlLeft"), false), [])
  assert.deepEqual(namesOf(press("meta", "k", "KeyK"), false), [])
  assert.deepEqual(namesOf(press("", "F2", "F2"), false), ["F2"])
})

test("on a Mac it is the command key, and Ctrl is left to the system", () => {
  assert.equal(deed("meta", "k", "KeyK", true), "search")
  assert.equal(deed("ctrl", "k", "KeyK", true), null)
  assert.equal(labelOf("Ctrl+Shift+o", true), "⌘⇧O")
  assert.equal(ariaOf("Ctrl+Shift+o", true), "Meta+Shift+O")
})

test("keys are written as they stand on the keyboard", () => {
  assert.equal(labelOf("Ctrl+Shift+o", false), "Ctrl+Shift+O")
  assert.deepEqual(labelsOf("Ctrl++", false), ["Ctrl", "+"])
  assert.deepEqual(labelsOf("Ctrl+Shift+ArrowUp", false), ["Ctrl", "Shift", "↑"])
  assert.equal(ariaOf("Shift+Escape", false), "Shift+Escape")
})

test("no two deeds have the same keys, whatever was chosen", () => {
  assert.equal(new Set(Object.values(STANDARD)).size, Object.values(KEYS).flatMap((one) => Object.keys(one)).length)
  const keys = bound({ sidebar: "Ctrl+k", stop: null })
  assert.equal(keys.sidebar, "Ctrl+k")
  assert.equal(keys.search, null)
  assert.equal(keys.stop, null)
  assert.equal(deedOf(keys, ["Escape"]), null)
})
