/** @file The settings of how the page looks, what it speaks, and how one writes. */

import { choices, row, select, toggle } from "../dom/fields.js"
import { h } from "../dom/h.js"
import { isMac } from "../dom/keys.js"
import { effect } from "../lib/signal.js"
import { choose, chosen, languages, t } from "../lib/t.js"
import { keep } from "../state/kept.js"
import { canNotify, notifies, setNotifies } from "../state/notify.js"
import { drawsDiagrams, enterSends, longPaste, staysAtStart } from "../state/preferences.js"

const THEME = "llmchat.theme"
const CTRL_ENTER = isMac ? "⌘ ⏎" : `${t("key.ctrl")} ${t("key.enter")}`

export class GeneralSettings extends HTMLElement {
  #theme = choices("theme", t("theme.name"), [["system", t("theme.system"), "system"], ["light", t("theme.light"), "light"], ["dark", t("theme.dark"), "dark"]],
    (theme) => this.#setTheme(theme))
  #language = select([["", t("language.automatic")], ...Object.entries(languages)], (language) => choose(language || null))
  #sending = choices("sending", t("sending.name"), [["enter", t("key.enter")], ["ctrl", CTRL_ENTER]],
    (key) => enterSends.set(key === "enter"))
  #paste = toggle((on) => longPaste.set(on))
  #view = toggle((on) => staysAtStart.set(on))
  #diagrams = toggle((on) => drawsDiagrams.set(on))
  #notify = toggle((on) => this.#setNotifies(on))
  #problem = h("small", { class: "setting-problem", role: "status" })
  #ends = () => {}

  connectedCallback() {
    if (!this.firstChild) {
      for (const option of this.#language.options) option.lang = option.value
      this.append(
        row(t("theme.name"), "", this.#theme),
        row(t("language.name"), t("language.text"), this.#language),
        row(t("sending.name"), t("sending.text"), this.#sending),
        row(t("paste.name"), t("paste.text"), this.#paste),
        row(t("view.name"), t("view.text"), this.#view),
        row(t("diagrams.name"), t("diagrams.text"), this.#diagrams),
        row(t("side.notify"), t("notify.text"), this.#notify, this.#problem))
    }
    const seen = new MutationObserver(() => this.#show())
    seen.observe(document.documentElement, { attributeFilter: ["data-theme"] })
    const end = effect(() => this.#show())
    this.#ends = () => [seen.disconnect(), end()]
  }

  disconnectedCallback() {
    this.#ends()
  }

  #show() {
    check(this.#theme, document.documentElement.dataset.theme ?? "system")
    check(this.#sending, enterSends.get() ? "enter" : "ctrl")
    this.#language.value = chosen() ?? ""
    this.#paste.checked = longPaste.get()
    this.#view.checked = staysAtStart.get()
    this.#diagrams.checked = drawsDiagrams.get()
    this.#showNotify()
  }

  #showNotify() {
    this.#notify.checked = notifies()
    this.#notify.disabled = !canNotify()
    this.#problem.textContent = canNotify() ? "" : t(isSecureContext ? "notify.refused" : "notify.insecure")
  }

  /** @param {string} theme */
  #setTheme(theme) {
    keep(THEME, theme === "system" ? null : theme)
    document.documentElement.dataset.theme = theme
  }

  /** @param {boolean} wanted */
  async #setNotifies(wanted) {
    await setNotifies(wanted)
    this.#showNotify()
  }
}

/** @param {Element} group @param {string} value */
function check(group, value) {
  for (const radio of group.querySelectorAll("input")) radio.checked = radio.value === value
}

customElements.define("general-settings", GeneralSettings)
