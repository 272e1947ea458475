/** @file Light, dark, or as the system has it. js/theme.js sets what was chosen before the first paint. */

import { h, icon } from "../dom/h.js"
import { t } from "../lib/t.js"
import { keep } from "../state/kept.js"

const KEY = "llmchat.theme"
const THEMES = /** @type {["system"|"light"|"dark", string][]} */ (
  [["system", t("theme.system")], ["light", t("theme.light")], ["dark", t("theme.dark")]])

export class ThemePicker extends HTMLElement {
  #button = h("button", { type: "button", class: "icon-button", popovertarget: "themes", "aria-haspopup": "dialog" })
  #choices = h("fieldset", { class: "choices" }, h("legend", {}, t("theme.name")),
    ...THEMES.map(([theme, text]) => this.#choice(theme, text)))
  #panel = h("div", { class: "panel theme-panel", id: "themes", popover: true, role: "dialog", "aria-label": t("theme.name") },
    this.#choices)

  connectedCallback() {
    this.append(this.#button, this.#panel)
    addEventListener("storage", this.#onStorage)
    this.#show()
  }

  disconnectedCallback() {
    removeEventListener("storage", this.#onStorage)
  }

  #onStorage = (/** @type {StorageEvent} */ event) => {
    if (event.key === KEY) this.#apply(event.newValue ?? "system")
  }

  /** @param {string} theme */
  #choose(theme) {
    keep(KEY, theme === "system" ? null : theme)
    this.#apply(theme)
  }

  /** @param {string} theme */
  #apply(theme) {
    document.documentElement.dataset.theme = theme
    this.#show()
  }

  #show() {
    const current = document.documentElement.dataset.theme ?? "system"
    const [name, label] = THEMES.find(([one]) => one === current) ?? THEMES[0]
    this.#button.replaceChildren(icon(name))
    this.#button.setAttribute("aria-label", t("theme.now", { theme: label }))
    this.#button.title = t("theme.now", { theme: label })
    for (const radio of this.#choices.querySelectorAll("input")) radio.checked = radio.value === name
  }

  /** @param {"system"|"light"|"dark"} theme @param {string} text */
  #choice(theme, text) {
    return h("label", { class: "choice" },
      h("input", {
        type: "radio", name: "theme", value: theme, onchange: () => this.#choose(theme),
        onclick: (/** @type {MouseEvent} */ event) => event.detail && this.#panel.hidePopover(),
      }),
      h("span", {}, text), icon(theme))
  }
}

customElements.define("theme-picker", ThemePicker)
