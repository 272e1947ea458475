/** @file The fields of a form: each with its name, a note, and what is wrong with it. */

import { h } from "./h.js"

let count = 0

/** A field for text that is no prose. @param {Record<string, any>} attributes */
export function textField(attributes) {
  return h("input", { class: "field", type: "text", autocomplete: "off", spellcheck: "false", dir: "ltr", ...attributes })
}

/**
 * @param {string} name
 * @param {HTMLElement} field
 * @param {string|HTMLElement} [note]
 * @param {...Node} more
 */
export function formField(name, field, note = "", ...more) {
  const id = `form-field-${++count}`
  const text = note instanceof HTMLElement ? note : h("small", { class: "field-note" }, note)
  text.id = `${id}-note`
  field.id = id
  field.setAttribute("aria-describedby", `${id}-note ${id}-problem`)
  return h("div", { class: "form-field" }, h("label", { for: id }, name), field, text,
    h("small", { class: "field-problem", id: `${id}-problem` }), ...more)
}

/**
 * Say what a server has against what is in some fields. What it says of another value is left to the caller.
 *
 * @param {Record<string, HTMLInputElement>} fields by the names that the server has for them
 * @param {import("../lib/api.js").ApiError|null} error null: nothing any more
 * @returns {{field: HTMLInputElement|null, text: string}}
 */
export function tellFields(fields, error) {
  for (const field of Object.values(fields)) markField(field, "")
  const [{ pointer, detail } = { pointer: "", detail: "" }] = error?.body?.errors ?? []
  const field = fields[pointer.slice(1)]
  return { field: field && !field.disabled ? field : null, text: detail }
}

/** Say what is wrong with a field; nothing, if the text is empty. @param {HTMLElement} field @param {string} text */
export function markField(field, text) {
  const problem = field.closest(".form-field")?.querySelector(".field-problem")
  if (problem) problem.textContent = text
  if (text) field.setAttribute("aria-invalid", "true")
  else field.removeAttribute("aria-invalid")
}
