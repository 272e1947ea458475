/** @file The sign of a preset in its colour. */

import { signOf } from "../lib/presets.js"
import { h } from "./h.js"

/** @param {{icon: string, name: string, colour: string}} preset */
export function presetBadge(preset) {
  return h("span", { class: "preset-badge", "data-colour": preset.colour, "aria-hidden": "true" }, signOf(preset))
}
