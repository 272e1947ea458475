/** @file Style sheets of what is loaded only where it is needed. */

import { h } from "./h.js"

/** Resolves when it is there, or cannot be had. @param {string} name of a file in css/ @returns {Promise<unknown>} */
export function style(name) {
  const { href } = new URL(`../../css/${name}.css`, import.meta.url)
  return new Promise((resolve) => document.head.append(h("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve })))
}
