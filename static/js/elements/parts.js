/** @file The parts of the page, and what they show of the chat in view besides its messages. */

import { setTitle } from "../dom/title.js"
import { titleOf } from "../lib/chats.js"
import { t } from "../lib/t.js"

/** @typedef {ReturnType<typeof partsOf>} Parts */

/** @param {HTMLElement} app */
export function partsOf(app) {
  /** @template {Element} Part @param {string} selector @returns {Part} */
  const part = (selector) => /** @type {Part} */ (app.querySelector(selector))
  return {
    get thread() { return /** @type {import("./chat-thread.js").ChatThread} */ (part("chat-thread")) },
    get composer() { return /** @type {import("./chat-composer.js").ChatComposer} */ (part("chat-composer")) },
    get queue() { return /** @type {import("./queue-list.js").QueueList} */ (part("queue-list")) },
    get sidebar() { return /** @type {import("./chat-sidebar.js").ChatSidebar} */ (part("chat-sidebar")) },
    get picker() { return /** @type {import("./model-picker.js").ModelPicker} */ (part("model-picker")) },
    get setup() { return /** @type {HTMLElement} */ (part(".setup-button")) },
    get presets() { return /** @type {import("./preset-choices.js").PresetChoices} */ (part(".welcome preset-choices")) },
    get notices() { return /** @type {import("./notice-stack.js").NoticeStack} */ (part("notice-stack")) },
    get serverNotices() { return /** @type {import("./server-notices.js").ServerNotices} */ (part("server-notices")) },
    get drawer() { return /** @type {import("./side-drawer.js").SideDrawer} */ (part("side-drawer")) },
    get welcome() { return /** @type {import("./chat-welcome.js").ChatWelcome} */ (part("chat-welcome")) },
    get drawerButton() { return /** @type {HTMLElement} */ (part(".drawer-button")) },
    get name() { return /** @type {HTMLElement} */ (part(".chat-name")) },
    get temporary() { return /** @type {HTMLElement} */ (part(".temporary-button")) },
  }
}

/** @param {HTMLElement} app @param {Parts} parts @param {import("../state/page.js").Page} page */
export function showFrame(app, { name, temporary, composer }, { conversation, library }) {
  const { chat, loading, shown } = conversation
  const title = chat.temporary ? t("chat.temporary") : chat.title || library.get(chat.id ?? "")?.title || firstTitle(shown)
  const empty = !shown.length && !loading
  setTitle(title ? `${title} · llmchat` : "llmchat")
  app.toggleAttribute("data-empty", empty)
  app.toggleAttribute("data-temporary", chat.temporary)
  name.textContent = title
  name.hidden = empty || !title
  temporary.hidden = !empty && !chat.temporary
  temporary.setAttribute("aria-pressed", String(chat.temporary))
  composer.chat = chat.temporary ? null : chat.id ?? "new"
  composer.busy = shown.some(({ run }) => run)
}

/** What the server will call it. @param {import("../types.js").Shown[]} shown */
function firstTitle(shown) {
  return shown.length ? titleOf(shown[0].message.content) : ""
}
