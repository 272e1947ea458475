/** @file The part of the server's HTTP API that is about what is kept to be used again: prompts and presets. */

import { request, send } from "./api.js"

/** @typedef {import("./prompts.js").Prompt} Prompt @typedef {import("./presets.js").Preset} Preset */
/** @template T @typedef {Omit<T, "id"|"updated">} Draft */

const PROMPTS = "api/prompts"
const PRESETS = "api/presets"

/** @returns {Promise<{items: Prompt[]}>} */
export function prompts() {
  return request(PROMPTS)
}

/** @param {Draft<Prompt>} prompt @returns {Promise<Prompt>} */
export function addPrompt(prompt) {
  return send(PROMPTS, "POST", prompt)
}

/** @param {string} id @param {Partial<Draft<Prompt>>} changes @returns {Promise<Prompt>} */
export function changePrompt(id, changes) {
  return send(at(PROMPTS, id), "PATCH", changes)
}

/** @param {string} id */
export function removePrompt(id) {
  return send(at(PROMPTS, id), "DELETE")
}

/** What an export has, of this program or Open WebUI. @param {unknown} document @returns {Promise<{added: number, unchanged: number, skipped: number}>} */
export function importPrompts(document) {
  return send(`${PROMPTS}/import`, "POST", document)
}

/** @returns {Promise<{items: Preset[]}>} */
export function presets() {
  return request(PRESETS)
}

/** @param {Draft<Preset>} preset @returns {Promise<Preset>} */
export function addPreset(preset) {
  return send(PRESETS, "POST", preset)
}

/** @param {string} id @param {Partial<Draft<Preset>>} changes @returns {Promise<Preset>} */
export function changePreset(id, changes) {
  return send(at(PRESETS, id), "PATCH", changes)
}

/** @param {string} id */
export function removePreset(id) {
  return send(at(PRESETS, id), "DELETE")
}

/** @param {string} address @param {string} id */
function at(address, id) {
  return `${address}/${encodeURIComponent(id)}`
}
