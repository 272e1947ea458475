/** @file A field for what nobody else should see, which shows it when that is wanted. */

import { t } from "../lib/t.js"
import { formField } from "./form-fields.js"
import { h } from "./h.js"

/**
 * @param {string} name
 * @param {Record<string, any>} attributes of the input: `autocomplete` says to password managers what it is
 * @param {string} [note]
 * @returns {{input: HTMLInputElement, field: HTMLElement}}
 */
export function secretField(name, attributes, note = "") {
  const input = h("input", { class: "field", type: "password", spellcheck: "false", autocapitalize: "off", dir: "ltr", maxlength: "1024", required: true, ...attributes })
  const field = formField(name, input, note)
  const button = h("button", { type: "button", class: "secret-show", "aria-controls": input.id, onclick: () => show(input.type === "password") })
  const show = (/** @type {boolean} */ open) => {
    input.type = open ? "text" : "password"
    button.textContent = t(open ? "enter.hide" : "enter.show")
    button.setAttribute("aria-label", t(open ? "enter.hideName" : "enter.showName", { name }))
  }
  const box = h("div", { class: "secret" })
  input.replaceWith(box)
  box.append(input, button)
  show(false)
  return { input, field }
}
