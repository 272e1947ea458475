/** @file What a person has noted of models, on all devices: the server has it among the settings. */

import { request, send } from "../lib/api.js"

/** @typedef {import("../types.js").ModelNote} ModelNote */

const ADDRESS = "api/settings"
const SWITCHES = ["favourite", "hidden"] // off is what they are without a note

/** Rejects with an ApiError. @returns {Promise<Record<string, ModelNote>>} by model */
export async function modelNotes() {
  const { models } = await request(ADDRESS)
  return models ?? {}
}

/** Change some of what is noted of a model; null: nothing any more. Rejects with an ApiError. @param {string} id @param {ModelNote} changes */
export async function noteModel(id, changes) {
  const all = { ...(await modelNotes())[id], ...changes }
  const left = Object.entries(all).filter(([name, value]) => value != null && !(SWITCHES.includes(name) && !value))
  await send(ADDRESS, "PATCH", { models: { [id]: left.length ? Object.fromEntries(left) : null } })
}
