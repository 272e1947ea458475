/** @file What is done when a button of a message asks for it. */

import { announce } from "../dom/announce.js"
import { copyRich } from "../dom/clipboard.js"
import { lazily } from "../dom/lazy.js"
import { richText } from "../dom/rich-copy.js"
import { spokenText } from "../dom/spoken-text.js"
import { send } from "../lib/api.js"
import { inOneLine } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { whatGoes } from "../lib/words.js"
import { canRead, readAloud, reading, stopReading } from "../state/reading-aloud.js"

/** @typedef {{app: HTMLElement, thread: import("./chat-thread.js").ChatThread, rest: () => void}} Around `rest` gives the focus a place */

/**
 * By the name of the event that asks for it.
 *
 * @param {import("../state/page.js").Page} page
 * @param {Around} around
 * @returns {Record<string, (detail: any) => void>}
 */
export function messageActions({ conversation, turns, edits, catalogue }, { app, thread, rest }) {
  const menu = /** @type {import("./message-menu.js").MessageMenu} */ (app.querySelector("message-menu"))
  const dialog = /** @type {import("./confirm-dialog.js").ConfirmDialog} */ (app.querySelector("confirm-dialog"))
  const element = (/** @type {string} */ id) => thread.element(conversation.chat.key(id))
  const ids = () => catalogue.models.get().data.map((one) => one.id)
  const tell = (/** @type {string} */ text) => void app.dispatchEvent(new CustomEvent("notice", { detail: text }))

  /** @param {() => Promise<unknown>} work @returns {Promise<boolean>} whether it is done; else it is told why not */
  const attempt = (work) => work().then(() => true, (/** @type {Error} */ error) => {
    tell(inOneLine(error))
    return false
  })

  return {
    again: ({ id, model }) => [turns.again(id, model), rest()],
    compact: () => [turns.compact(), rest()],
    "choose-answer": ({ id }) => {
      thread.hold()
      attempt(() => edits.turn(id))
    },
    "merge-answers": ({ answers }) => [turns.merge(answers), rest()],
    "separate-answers": ({ id }) => [conversation.chat.separate(id), conversation.show(), rest()],
    continue: ({ id }) => [turns.goOn(id), rest()],
    "again-with": async ({ id }) => {
      /** @type {import("./model-dialog.js").ModelDialog|null} */
      const dialog = await lazily(app, "model-dialog", () => import("./model-dialog.js"))
      const model = await dialog?.ask(ids())
      if (model) [turns.again(id, model), rest()]
    },
    "message-menu": (place) => menu.open(place, {
      temporary: conversation.chat.temporary, models: ids(),
      voice: !canRead() ? null : reading.get() === place.id ? "stop" : "read",
    }),
    "copy-rich": async ({ id }) => {
      const message = conversation.chat.tree.get(id)
      const prose = element(id)?.prose
      const copied = message && prose && await copyRich(richText(prose), message.content)
      if (copied) announce(t("copy.done"))
      else tell(t("copy.byHand"))
    },
    "read-aloud": ({ id }) => {
      const prose = element(id)?.prose
      if (prose) readAloud(id, spokenText(prose), document.documentElement.lang)
    },
    "stop-reading": stopReading,
    "edit-message": ({ id }) => element(id)?.edit(),
    "edit-last": () => {
      const last = conversation.chat.path.findLast(({ role }) => role === "user")
      if (last && !conversation.chat.isUnsent(last.id)) element(last.id)?.edit()
    },
    "save-edit": ({ id, changes, done }) => attempt(() => edits.save(id, changes)).then(done),
    "send-edit": ({ id, content, attachments }) => [turns.askInstead(id, content, attachments), rest()],
    "decide-tool": async ({ job, call, decision, failed }) => {
      const late = (/** @type {import("../lib/api.js").ApiError} */ error) => error.code === "not-waiting" // the stream tells who was first
      await send(`chat/${job}/tools/${call}`, "POST", { decision }).catch((error) => late(error) || [failed(), tell(inOneLine(error))])
    },
    fork: ({ id }) => attempt(async () => { location.hash = await edits.fork(id) }),
    turn: ({ to, back }) => {
      thread.hold()
      attempt(() => edits.turn(to))
      focusPager(element(to), back)
    },
    cut: async ({ id }) => {
      if (!await dialog.ask(t("delete.title"), whatGoes(edits.count(id)), t("delete.go"))) return
      if (await attempt(() => edits.remove(id))) rest()
    },
  }
}

/** The buttons of the version that is shown now: the focus stays on the way that was gone. @param {HTMLElement|undefined} message @param {boolean} back */
function focusPager(message, back) {
  const [one, other] = ["back", "forth"].map((name) => message?.querySelector(`[data-turn=${name}]`))
  const [same, opposite] = back ? [one, other] : [other, one]
  const button = same instanceof HTMLButtonElement && !same.disabled ? same : opposite
  if (button instanceof HTMLElement) button.focus({ preventScroll: true })
}
