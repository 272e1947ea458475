/** @file What is done about the settings of the chat in view and the presets: the dialogs come when they are wanted. */

import { announce } from "../dom/announce.js"
import { showKeys } from "../dom/keys.js"
import { lazily } from "../dom/lazy.js"
import { countOf } from "../lib/chat-settings.js"
import { settingsWith } from "../lib/presets.js"
import { inOneLine } from "../lib/problems.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { presets } from "../state/presets.js"

/** @typedef {import("../lib/chat-settings.js").Settings} Settings @typedef {import("../lib/presets.js").Preset} Preset */

/**
 * By the name of the event that asks for it.
 *
 * @param {import("../state/page.js").Page} page
 * @param {import("./parts.js").Parts} parts
 * @param {HTMLElement} app
 */
export function setupActions(page, { composer, notices }, app) {
  const { settings } = page

  /** @param {Settings} wanted */
  const set = (wanted) => settings.set(wanted).then(() => true, (error) => {
    notices.show(inOneLine(error))
    return false
  })

  /** @param {Settings} ofChat @param {boolean} [keep] */
  const manage = async (ofChat, keep) => {
    /** @type {import("./presets-dialog.js").PresetsDialog|null} */
    const dialog = await lazily(app, "presets-dialog", () => import("./presets-dialog.js"))
    dialog?.open(ofChat, keep)
  }

  return {
    "open-chat-settings": async () => {
      /** @type {import("./chat-settings.js").ChatSettingsDialog|null} */
      const dialog = await lazily(app, "chat-settings", () => import("./chat-settings.js"))
      dialog?.open(page, () => composer.written)
    },
    /** With a way back: what was set by hand is not lost by a click. @param {Preset|null} preset */
    "use-preset": async (preset) => {
      const before = settings.now.get()
      if (!await set({ ...before.tool_servers && { tool_servers: before.tool_servers }, ...preset ? settingsWith(preset) : {} })) return
      announce(preset ? t("presets.used", { name: preset.name }) : t("presets.away"))
      const own = countOf(before) > 0 && presets.get(before.preset) === null
      if (own) notices.show(t("presets.replaced"), { label: t("deed.undo"), run: () => set(before) })
    },
    "manage-presets": () => manage(settings.now.get()),
    "keep-preset": (/** @type {Settings} */ ofChat) => manage(ofChat, true),
    "preset-kept": (/** @type {Preset} */ preset) => set({ ...settings.now.get(), preset: preset.id }),
  }
}

/** The button tells whether something is set. @param {HTMLElement} button @param {import("../state/chat-settings.js").ChatSettings} settings */
export function watchSetup(button, settings) {
  button.addEventListener("click", () => button.dispatchEvent(new CustomEvent("open-chat-settings", { bubbles: true })))
  effect(() => {
    const count = countOf(settings.now.get())
    const label = count ? t("setup.count", { count }) : t("setup.title")
    button.setAttribute("aria-label", label)
    button.toggleAttribute("data-set", count > 0)
    showKeys(button, "chatSettings", label)
  })
}
