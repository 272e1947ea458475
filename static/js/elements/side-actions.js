/** @file What is done around the chat in view: search, the list of chats, and the settings, which come when they are wanted. */

import { lazily } from "../dom/lazy.js"
import { t } from "../lib/t.js"

/** @typedef {import("./parts.js").Parts} Parts @typedef {import("./settings-dialog.js").Section} Section */

/** @param {Parts} parts @param {(section?: Section) => void} openSettings @param {() => void} openSearch */
export function sideActions({ drawer, notices, sidebar, composer }, openSettings, openSearch) {
  return {
    "notice-closed": () => (drawer.covers ? sidebar : composer).focus(),
    "open-chat": () => drawer.close(), "open-search": openSearch, "open-settings": (/** @type {Section|null} */ section) => openSettings(section ?? undefined),
    notice: (/** @type {any} */ what) => notices.show(what.text ?? what, what.action),
  }
}

/** What opens the search. @param {HTMLElement} app */
export function searchOpener(app) {
  return async () => {
    /** @type {import("./search-dialog.js").SearchDialog|null} */
    const dialog = await lazily(app, "search-dialog", () => import("./search-dialog.js"))
    dialog?.open()
  }
}

/** What does something with projects: `deed` and what it is done with. @param {HTMLElement} app @param {Parts} parts @param {import("../state/page.js").Page} page */
export function projectActor(app, parts, page) {
  return async (/** @type {[import("./project-parts.js").Deed, ...any]} */ [deed, ...details]) => {
    const loaded = await import("./project-parts.js").catch(() => null)
    const projects = await loaded?.projectParts(app, parts, page)
    if (projects) projects[deed](...details)
    else if (deed !== "show") parts.notices.show(t("api.offline"))
  }
}

/** What opens the dialog of links to a chat. @param {HTMLElement} app */
export function shareOpener(app) {
  return async (/** @type {import("../types.js").Item} */ chat) => {
    /** @type {import("./share-dialog.js").ShareDialog|null} */
    const dialog = await lazily(app, "share-dialog", () => import("./share-dialog.js"))
    dialog?.open(chat)
  }
}

/**
 * What opens the settings; model files may be brought along.
 *
 * @param {HTMLElement} app
 * @param {Parts} parts
 * @param {import("../state/catalogue.js").Catalogue} catalogue
 * @returns {(section?: Section, models?: File[]) => Promise<void>}
 */
export function settingsOpener(app, { notices }, catalogue) {
  return async (section, models) => {
    const loaded = await import("./settings-dialog.js").catch(() => null)
    if (!loaded) return notices.show(t("api.offline"))
    const known = /** @type {import("./settings-dialog.js").SettingsDialog|null} */ (app.querySelector("settings-dialog"))
    const dialog = known ?? app.appendChild(new loaded.SettingsDialog())
    if (!known) dialog.watch(catalogue)
    if (models) dialog.addModels(models)
    else dialog.open(section)
  }
}
