/** @file Elements from plain values. Text stays text: nothing here reads HTML. */

/** @typedef {Node|string|false|null|undefined} Child */

/**
 * `onclick` and the like become listeners, `true` an empty attribute, `false` and null none.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value)
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value === true ? "" : value)
    }
  }
  element.append(.../** @type {(Node|string)[]} */ (children.filter(Boolean)))
  return element
}

const SVG = "http://www.w3.org/2000/svg"
const PATHS = {
  star: "M12 4.5l2.4 4.9 5.4.8-3.9 3.8.9 5.4-4.8-2.6-4.8 2.6.9-5.4-3.9-3.8 5.4-.8z",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  chevron: "M7 10l5 5 5-5",
  panel: "M4 5h16v14H4zM10 5v14",
  wrap: "M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15 15.5L12.5 18l2.5 2.5M4 18h4",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  close: "M6 6l12 12M18 6L6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  again: "M19 12a7 7 0 1 1-2.1-5M19 4v4h-4",
  trash: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
  light: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 3v1M12 20v1M3 12h1M20 12h1M5.6 5.6l.8.8M17.6 17.6l.8.8M5.6 18.4l.8-.8M17.6 6.4l.8-.8",
  dark: "M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  back: "M14 7l-5 5 5 5",
  forth: "M10 7l5 5-5 5",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  more: "M5.5 12h.1M12 12h.1M18.5 12h.1",
  fork: "M7 4v16M7 13c0-5 10-3 10-8M14 7l3-3 3 3",
  temporary: "M12 4a8 8 0 1 0 .1 0M12 8v4l3 2",
  stop: "M7 7h10v10H7z",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l4.5 4.5",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v5",
  archive: "M4 5h16v4H4zM6 9v10h12V9M10 13h4",
  restore: "M5 12a7 7 0 1 0 2.1-5M5 4v4h4",
  select: "M4 6l2 2 3-4M4 16l2 2 3-4M13 6h7M13 17h7",
  data: "M12 4v11M8 11l4 4 4-4M4 16v4h16v-4",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  settings: "M4 7h9M19 7h1M16 4.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5zM4 17h1M11 17h9M8 14.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  clip: "M19 11l-7.5 7.5a4.5 4.5 0 0 1-6.4-6.4L13 4.3a3 3 0 0 1 4.2 4.2l-7.9 7.9a1.5 1.5 0 0 1-2.1-2.1L14 7.5",
  book: "M5 5a2 2 0 0 1 2-2h12v15H7a2 2 0 0 0-2 2zM5 20a1 1 0 0 0 1 1h13v-3",
  voice: "M5 9.5v5h3.5L13 18V6L8.5 9.5zM16 9a4.2 4.2 0 0 1 0 6M18.5 6.5a7.8 7.8 0 0 1 0 11",
  fold: "M5 4h14M5 20h14M12 7v3M9.5 8.5L12 11l2.5-2.5M9.5 15.5L12 13l2.5 2.5M12 17v-3",
  tool: "M20 7.5L16.5 11 13 7.5l3.5-3.5a5 5 0 0 0-6.3 6.3L4 16.5 7.5 20l6.2-6.2A5 5 0 0 0 20 7.5z",
  folder: "M4 6h6l2 2h8v11H4z",
  share: "M12 15V4M8 7.5L12 3.5l4 4M7 11H5v9h14v-9h-2",
  chat: "M5 5h14v11H10l-5 4z",
}

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg")
  const path = document.createElementNS(SVG, "path")
  svg.setAttribute("viewBox", "0 0 24 24")
  svg.setAttribute("class", `icon icon-${name}`)
  svg.setAttribute("aria-hidden", "true")
  path.setAttribute("d", PATHS[name])
  svg.append(path)
  return svg
}

/**
 * A button that is only an icon.
 *
 * @param {keyof typeof PATHS} name
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 */
export function iconButton(name, label, onclick) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick }, icon(name))
}
