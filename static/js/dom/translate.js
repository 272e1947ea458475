/** @file Puts the words of the page's language into what index.html says in English. */

import { t } from "../lib/t.js"

/** @typedef {import("../lib/t.js").Plain} Plain */

/** An attribute that names a text, and the one that it is put into. */
const PLACES = { "data-t-label": "aria-label", "data-t-title": "title", "data-t-starter": "data-text" }

/** @param {ParentNode} root */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(/** @type {Plain} */ (element.getAttribute("data-t")))
  for (const [from, to] of Object.entries(PLACES)) {
    for (const element of root.querySelectorAll(`[${from}]`)) element.setAttribute(to, t(/** @type {Plain} */ (element.getAttribute(from))))
  }
}
