/** @file Parts of the page that are loaded when they are first wanted. */

import { t } from "../lib/t.js"

/**
 * The element, in the page from now on. Where its module cannot be loaded, a `notice` says so.
 *
 * @template {HTMLElement} Part
 * @param {HTMLElement} app
 * @param {string} tag
 * @param {() => Promise<unknown>} load imports the module that defines it
 * @returns {Promise<Part|null>}
 */
export async function lazily(app, tag, load) {
  try {
    await load()
  } catch {
    app.dispatchEvent(new CustomEvent("notice", { detail: t("api.offline") }))
    return null
  }
  return /** @type {Part} */ (app.querySelector(tag) ?? app.appendChild(document.createElement(tag)))
}
