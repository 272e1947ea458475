/** @file How full the context of a model is, as a small ring with its number. */

import { share } from "../lib/context.js"
import { t } from "../lib/t.js"
import { h } from "./h.js"

const SVG = "http://www.w3.org/2000/svg"
const RING = { cx: "8", cy: "8", r: "6.25", pathLength: "100" }

/** @param {import("../lib/context.js").Fill|null} fill @returns {HTMLElement|null} where it is known */
export function gauge(fill) {
  const part = fill && share(fill)
  if (!fill?.size || part === null) return null
  const percent = Math.round(part * 100)
  const label = t("context.label", { used: fill.used, size: fill.size, percent })
  const svg = document.createElementNS(SVG, "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("class", "ring")
  svg.append(circle("ring-whole", 100), circle("ring-part", percent))
  return h("span", { class: "gauge", role: "img", "aria-label": label, title: label }, svg, t("status.percent", { percent }))
}

/** @param {string} name @param {number} percent */
function circle(name, percent) {
  const one = document.createElementNS(SVG, "circle")
  for (const [key, value] of Object.entries(RING)) one.setAttribute(key, value)
  one.setAttribute("class", name)
  one.setAttribute("stroke-dasharray", `${percent} 100`)
  return one
}
