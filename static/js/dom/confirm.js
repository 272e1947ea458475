/** @file A question before what cannot be undone. */

import { h } from "./h.js"

let count = 0

/**
 * @param {string} question
 * @param {string} detail what will come of it
 * @param {string} action the word on the button that does it
 * @returns {Promise<boolean>}
 */
export function confirmed(question, detail, action) {
  const name = `confirm-${++count}`
  const cancel = h("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel")
  const go = h("button", { type: "button", class: "button danger", onclick: () => dialog.close("yes") }, action)
  const dialog = h("dialog", { class: "dialog confirm", role: "alertdialog", "aria-labelledby": name, "aria-describedby": `${name}-detail` },
    h("h2", { id: name }, question),
    h("p", { id: `${name}-detail`, dir: "auto" }, detail),
    h("div", { class: "dialog-actions" }, cancel, go))
  document.body.append(dialog)
  dialog.showModal()
  cancel.focus()
  return new Promise((resolve) => dialog.addEventListener("close", () => {
    dialog.remove()
    resolve(dialog.returnValue === "yes")
  }))
}
