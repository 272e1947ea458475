/** @file The presets to choose from for the chat in view. Emits `use-preset` with one of them or null, and `manage-presets`. */

import { h, icon } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { presetBadge } from "../dom/preset-badge.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { presets } from "../state/presets.js"

/** @typedef {import("../lib/presets.js").Preset} Preset */

export class PresetChoices extends HTMLElement {
  #emit = emitter(this)
  #end = () => {}

  disconnectedCallback() {
    this.#end()
  }

  /** @param {import("../state/chat-settings.js").ChatSettings} settings */
  watch(settings) {
    this.setAttribute("role", "group")
    this.setAttribute("aria-label", t("presets.title"))
    this.#end = effect(() => this.#show(presets.all.get(), settings.now.get().preset))
  }

  /** Whoever is on one stays there. @param {Preset[]} all @param {string|undefined} used */
  #show(all, used) {
    const held = this.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.preset : undefined
    const manages = this.dataset.manage !== undefined
    this.hidden = !all.length && !manages
    this.replaceChildren(...all.map((one) => this.#chip(one, one.id === used)),
      ...manages ? [h("button", { type: "button", class: "preset", "data-preset": "", onclick: () => this.#emit("manage-presets", null) },
        icon("edit"), t(all.length ? "presets.manage" : "presets.none"))] : [])
    const again = held !== undefined && this.querySelector(`[data-preset="${CSS.escape(held)}"]`)
    if (again instanceof HTMLElement) again.focus()
  }

  /** Pressed once more, it is taken away. @param {Preset} preset @param {boolean} used */
  #chip(preset, used) {
    return h("button", {
      type: "button", class: "preset", "data-preset": preset.id, "aria-pressed": String(used),
      onclick: () => this.#emit("use-preset", used ? null : preset),
    }, presetBadge(preset), h("span", { dir: "auto" }, preset.name))
  }
}

customElements.define("preset-choices", PresetChoices)
