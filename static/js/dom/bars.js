/** @file Bars as SVG. What they show is in a table beside them, too. */

import { roof } from "../lib/plot.js"

/** @typedef {import("../lib/plot.js").Bar} Bar */

const SVG = "http://www.w3.org/2000/svg"
const [WIDTH, HEIGHT] = [1000, 200]
const GAP = 0.2 // of the room of a bar
const LEAST = 3 // so that something is seen where there is something

/**
 * @param {Bar[]} bars
 * @param {string} label what it shows
 * @param {(bar: Bar) => string} told of one bar, under the pointer
 */
export function bars(bars, label, told) {
  const top = roof(bars.map(({ value }) => value))
  const room = WIDTH / bars.length
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", class: "bars", role: "img", "aria-label": label })
  for (const part of [0.5, 1]) svg.append(make("path", { class: "bars-line", d: `M0 ${HEIGHT * (1 - part)}H${WIDTH}` }))
  bars.forEach((bar, index) => {
    const group = make("g", {})
    const height = bar.value ? Math.max(LEAST, bar.value / top * HEIGHT) : 0
    const title = make("title", {})
    title.textContent = told(bar)
    group.append(title,
      make("rect", { class: "bars-room", x: index * room, y: 0, width: room, height: HEIGHT }),
      make("rect", { class: "bar", x: (index + GAP / 2) * room, y: HEIGHT - height, width: room * (1 - GAP), height }))
    svg.append(group)
  })
  return { svg, top }
}

/** @param {string} tag @param {Record<string, string|number>} attributes */
function make(tag, attributes) {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  return element
}
