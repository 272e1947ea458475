/** @file What the keys do that work everywhere on the page. */

import { announce } from "../dom/announce.js"
import { copy } from "../dom/clipboard.js"
import { t } from "../lib/t.js"
import { wholeText } from "../lib/whole.js"

/** @typedef {import("./parts.js").Parts} Parts @typedef {import("../lib/keys-table.js").Deed} Deed */

/**
 * @param {Parts} parts
 * @param {import("../state/conversation.js").Conversation} conversation
 * @param {{fresh: () => void, settings: (section?: "keys") => void, search: () => void}} further
 * @returns {Record<Deed, () => void>}
 */
export function keyActions(parts, conversation, { fresh, settings, search }) {
  const { sidebar, drawerButton, composer, picker, setup, notices, thread } = parts

  /** @param {string|undefined} text @param {"copied.answer"|"copied.code"} done */
  const take = async (text, done) => {
    if (!text) return announce(t("copied.nothing"))
    notices.show(await copy(text) ? t(done) : t("copy.byHand"))
  }

  return {
    fresh,
    search,
    previous: () => sidebar.step(-1),
    next: () => sidebar.step(1),
    remove: () => sidebar.removeChat(conversation.id.get()),
    write: () => composer.focus(),
    stop: () => conversation.runs.stop(),
    copyAnswer: () => take(lastAnswer(conversation.shown), "copied.answer"),
    copyCode: () => take([...thread.querySelectorAll("code-block code")].at(-1)?.textContent ?? "", "copied.code"),
    model: () => picker.open(),
    chatSettings: () => setup.click(),
    sidebar: () => drawerButton.click(),
    settings: () => settings(),
    keys: () => settings("keys"),
  }
}

/** @param {import("../types.js").Shown[]} shown */
function lastAnswer(shown) {
  const last = shown.findLast(({ message }) => message.role === "assistant")
  const reply = last?.run?.reply ?? last?.reply
  return reply ? wholeText(reply) : last?.message.content
}
