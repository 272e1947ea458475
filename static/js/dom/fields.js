/** @file The rows and fields of settings. */

import { h, icon } from "./h.js"

let count = 0

/**
 * What a setting is called, what it does, and its field, which is named and described by them.
 *
 * @param {string} name
 * @param {string} text
 * @param {HTMLElement} field
 * @param {...Node} more below the text
 */
export function row(name, text, field, ...more) {
  const id = `setting-${++count}`
  field.setAttribute("aria-labelledby", id)
  if (text) field.setAttribute("aria-describedby", `${id}-text`)
  const isToggle = field instanceof HTMLInputElement
  if (isToggle) field.id = `${id}-field`
  const label = isToggle ? h("label", { for: field.id, id }, name) : h("span", { id }, name)
  return h("div", { class: "setting" },
    h("div", { class: "setting-name" }, label, text && h("small", { id: `${id}-text` }, text), ...more), field)
}

/**
 * One of a few, side by side.
 *
 * @param {string} name
 * @param {string} label
 * @param {[value: string, label: string, icon?: Parameters<typeof icon>[0]][]} options
 * @param {(value: string) => void} onchange
 */
export function choices(name, label, options, onchange) {
  return h("div", { class: "segments", role: "radiogroup", "aria-label": label },
    ...options.map(([value, text, picture]) => h("label", { class: "segment" },
      h("input", { type: "radio", name: `setting-${name}`, value, class: "visually-hidden", onchange: () => onchange(value) }),
      picture && icon(picture), h("span", {}, text))))
}

/** @param {[value: string, label: string][]} options @param {(value: string) => void} onchange */
export function select(options, onchange) {
  const field = h("select", { class: "select", onchange: () => onchange(field.value) },
    ...options.map(([value, label]) => h("option", { value }, label)))
  return field
}

/** @param {(on: boolean) => void} onchange */
export function toggle(onchange) {
  const field = h("input", { type: "checkbox", role: "switch", class: "switch", onchange: () => onchange(field.checked) })
  return field
}
