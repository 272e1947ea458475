/** @file The settings: how this browser shows things, the endpoints, the models, the keys, the data, and what this is. Loaded when it is first wanted. */

import { h, iconButton } from "../dom/h.js"
import { style } from "../dom/style.js"
import { may, ownRole } from "../lib/role.js"
import { learnMore, t } from "../lib/t.js"
import { AboutSettings } from "./about-settings.js"
import { DataSettings } from "./data-settings.js"
import { EndpointSettings } from "./endpoint-settings.js"
import { GeneralSettings } from "./general-settings.js"
import { KeySettings } from "./key-settings.js"
import { LocalSettings } from "./local-settings.js"
import { ModelSettings } from "./model-settings.js"
import { NumberSettings } from "./number-settings.js"
import { ProgramSettings } from "./program-settings.js"
import { ShareSettings } from "./share-settings.js"

/** @typedef {"general"|"account"|"users"|"audit"|"endpoints"|"models"|"local"|"keys"|"programs"|"sharing"|"numbers"|"data"|"about"} Section */

await Promise.all([learnMore("access"), learnMore("share"), ...["about", "keys", "numbers", "programs", "shares"].map(style)])
const accounts = ownRole() ? await import("./account-sections.js") : null // else there are none

/** Who may use it, where there are accounts. */
const ALL = /** @type {const} */ ([
  ["general", t("settings.general"), GeneralSettings, "guest"],
  ["endpoints", t("ep.title"), EndpointSettings, "admin"],
  ["models", t("models.title"), ModelSettings, "guest"],
  ["local", t("local.title"), LocalSettings, "admin"],
  ["keys", t("settings.keys"), KeySettings, "guest"],
  ["programs", t("programs.title"), ProgramSettings, "user"],
  ["sharing", t("share.tab"), ShareSettings, "user"],
  ["numbers", t("numbers.title"), NumberSettings, "guest"],
  ["data", t("data.title"), DataSettings, "guest"],
  ["about", t("about.title"), AboutSettings, "guest"],
])
const [GENERAL, ...REST] = ALL.filter(([, , , least]) => may(least))
const SECTIONS = [GENERAL, ...accounts?.sections().filter(([, , , least]) => may(least)) ?? [], ...REST]

/** Emits `notice` with what was done, and `models-changed` when something else is noted of models. */
export class SettingsDialog extends HTMLElement {
  #tabs = SECTIONS.map(([section, name]) => h("button", {
    type: "button", role: "tab", class: "tab", id: `tab-${section}`, "aria-controls": `panel-${section}`, "data-section": section,
    onclick: () => this.#show(section),
  }, name))
  #panels = SECTIONS.map(([section, , Kind]) => {
    const panel = new Kind()
    panel.id = `panel-${section}`
    panel.className = "settings-panel"
    panel.setAttribute("role", "tabpanel")
    panel.setAttribute("aria-labelledby", `tab-${section}`)
    panel.tabIndex = -1
    return panel
  })
  #dialog = h("dialog", { class: "dialog settings-dialog", "aria-labelledby": "settings-title", onclick: (/** @type {Event} */ event) => this.#onOutside(event), onclose: () => this.#left() },
    h("div", { class: "dialog-head" }, h("h2", { id: "settings-title" }, t("settings.title")),
      iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    h("div", { class: "settings-body" },
      h("div", { class: "tabs", role: "tablist", "aria-label": t("settings.title"), onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event) }, ...this.#tabs),
      h("div", { class: "settings-panels" }, ...this.#panels)))
  /** @type {Section} */
  #section = "general"

  connectedCallback() {
    if (!this.firstChild) this.append(this.#dialog)
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  watch(catalogue) {
    this.#local?.watch(catalogue)
  }

  /** Take model files in, where they can be seen to come. @param {File[]} files */
  addModels(files) {
    if (!this.#local) return void this.dispatchEvent(new CustomEvent("notice", { detail: t("account.adminsOnly"), bubbles: true }))
    this.open("local")
    return this.#local.add(files)
  }

  get #local() {
    return this.#panels.find((panel) => panel instanceof LocalSettings)
  }

  /** @param {Section} [section] else where it was */
  open(section = this.#section) {
    if (!SECTIONS.some(([one]) => one === section)) section = "general" // it is not for everybody
    if (!this.#dialog.open) this.#dialog.showModal()
    this.#show(section)
    this.#tab.focus()
  }

  get #tab() {
    return this.#tabs[SECTIONS.findIndex(([section]) => section === this.#section)]
  }

  /** @param {Section} section */
  #show(section) {
    this.#section = section
    for (const [index, tab] of this.#tabs.entries()) {
      const shown = tab === this.#tab
      tab.setAttribute("aria-selected", String(shown))
      tab.tabIndex = shown ? 0 : -1
      if (shown) tab.scrollIntoView({ block: "nearest", inline: "nearest" }) // they scroll where it is narrow
      const panel = this.#panels[index]
      panel.hidden = !shown
      if (shown && "shown" in panel) panel.shown()
      if (!shown && "left" in panel) panel.left()
    }
  }

  #left() {
    for (const panel of this.#panels) if ("left" in panel) panel.left()
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const at = this.#tabs.indexOf(this.#tab)
    const forth = getComputedStyle(this).direction === "rtl" ? "ArrowLeft" : "ArrowRight"
    const back = forth === "ArrowLeft" ? "ArrowRight" : "ArrowLeft"
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, [forth]: at + 1, [back]: at - 1, Home: 0, End: -1 }[event.key]
    if (to === undefined || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    const [section] = SECTIONS[(to + SECTIONS.length) % SECTIONS.length]
    this.#show(section)
    this.#tab.focus()
  }

  /** @param {Event} event */
  #onOutside({ target }) {
    const leads = target instanceof Element && target.closest('a[href^="#"]') // to a chat, which is behind it
    if (target === this.#dialog || leads) this.#dialog.close()
  }
}

customElements.define("settings-dialog", SettingsDialog)
