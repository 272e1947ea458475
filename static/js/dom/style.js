/** @file Style sheets of what is loaded only where it is needed. */

import { h } from "./h.js"

/** @type {Map<string, Promise<unknown>>} */
const known = new Map()

/** Resolves when it is there, or cannot be had. @param {string} name of a file in css/ @returns {Promise<unknown>} */
export function style(name) {
  const { href } = new URL(`../../css/${name}.css`, import.meta.url)
  const loaded = known.get(name) ?? new Promise((resolve) => document.head.append(h("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve })))
  known.set(name, loaded)
  return loaded
}
