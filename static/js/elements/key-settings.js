/** @file The table of the keys: each can be changed, and all of them be switched off. */

import { row, toggle } from "../dom/fields.js"
import { h, iconButton } from "../dom/h.js"
import { isMac } from "../dom/keys.js"
import { labelOf, labelsOf } from "../lib/key-names.js"
import { KEYS, STANDARD } from "../lib/keys-table.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { keysNow, keysWork, setKeysWork, unbind, unbindAll } from "../state/bindings.js"
import { KeyRecorder } from "./key-recorder.js"

/** @typedef {import("../lib/keys-table.js").Deed} Deed @typedef {import("../lib/keys-table.js").Group} Group */

export class KeySettings extends HTMLElement {
  #on = toggle(setKeysWork)
  #told = h("p", { class: "keys-told", role: "status" })
  #recorder = new KeyRecorder((text) => { this.#told.textContent = text })
  /** @type {Map<Deed, {keys: HTMLElement, reset: HTMLButtonElement}>} */
  #rows = new Map()
  #reset = h("button", { type: "button", class: "button", onclick: () => this.#resetAll() }, t("keys.resetAll"))
  #tables = h("div", { class: "key-tables" },
    ...Object.entries(KEYS).map(([group, keys]) => this.#table(/** @type {Group} */ (group), /** @type {Deed[]} */ (Object.keys(keys)))))
  #end = () => {}

  connectedCallback() {
    if (!this.firstChild) {
      this.append(row(t("keys.on"), t("keys.onText"), this.#on), this.#tables,
        h("div", { class: "keys-foot" }, this.#told, this.#reset))
    }
    this.#end = effect(() => this.#show())
  }

  disconnectedCallback() {
    this.#end()
  }

  /** @param {Group} group @param {Deed[]} deeds */
  #table(group, deeds) {
    return h("table", { class: "keys" }, h("caption", {}, t(`keys.${group}`)),
      h("tbody", {}, ...deeds.map((deed) => this.#row(deed))))
  }

  /** @param {Deed} deed */
  #row(deed) {
    const name = t(`deeds.${deed}`)
    const keys = h("button", { type: "button", class: "key-button", onclick: () => this.#recorder.record(deed, keys) })
    const reset = iconButton("restore", t("keys.reset", { name }), () => this.#resetOne(deed))
    this.#rows.set(deed, { keys, reset })
    return h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, reset, keys))
  }

  #show() {
    const now = keysNow()
    this.#on.checked = keysWork()
    this.#tables.toggleAttribute("data-off", !keysWork())
    for (const [deed, { keys, reset }] of this.#rows) {
      const name = now[deed]
      const shown = name ? labelsOf(name, isMac).flatMap((label, index) => [index && !isMac ? "+" : "", h("kbd", {}, label)]) : [t("keys.none")]
      keys.replaceChildren(...shown)
      keys.setAttribute("aria-label", t("keys.change", { name: t(`deeds.${deed}`), keys: name ? labelOf(name, isMac) : t("keys.none") }))
      reset.hidden = name === STANDARD[deed]
    }
    this.#reset.disabled = [...this.#rows].every(([deed]) => now[deed] === STANDARD[deed])
  }

  /** Its button goes. @param {Deed} deed */
  #resetOne(deed) {
    unbind(deed)
    this.#rows.get(deed)?.keys.focus()
    this.#told.textContent = t("keys.wasReset")
  }

  #resetAll() {
    unbindAll()
    this.#on.focus()
    this.#told.textContent = t("keys.wasReset")
  }
}

customElements.define("key-settings", KeySettings)
