/** @file Over the page of who was signed out: what is there stays, and goes on with who comes back. Loaded when it is first wanted. */

import { h } from "../dom/h.js"
import { style } from "../dom/style.js"
import { takeFromAddress } from "../lib/entrance.js"
import { learnMore, t } from "../lib/t.js"
import { isOwn, lastAccount, noteAccount, watchAccount } from "../state/signed-in.js"

/** @typedef {import("../lib/session-api.js").SessionState} SessionState */

/** Resolves when somebody is in. The page of another person is loaded anew. @param {HTMLElement} app @returns {Promise<void>} */
export async function signInAgain(app) {
  await Promise.all([learnMore("access"), style("entrance")])
  const { SignIn } = await import("./sign-in.js")
  const card = new SignIn()
  card.head = { title: t("enter.again"), text: t("enter.againText") }
  card.name = lastAccount()?.name ?? ""
  const before = document.activeElement
  // Nothing closes it but signing in: behind it is what is somebody's.
  const dialog = h("dialog", { class: "dialog again-dialog", "aria-labelledby": "enter-title", oncancel: (/** @type {Event} */ event) => event.preventDefault(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Escape") event.preventDefault() } }, card)
  app.append(dialog)
  dialog.showModal()
  const entered = new Promise((resolve) => {
    const onHash = () => {
      const { token } = takeFromAddress()
      if (token !== null) card.enter(token)
    }
    const unwatch = watchAccount(() => card.start())
    addEventListener("hashchange", onHash)
    card.addEventListener("entered", (event) => {
      unwatch()
      removeEventListener("hashchange", onHash)
      resolve(/** @type {CustomEvent<SessionState>} */ (event).detail)
    }, { once: true })
  })
  card.start()
  const { account } = /** @type {SessionState} */ (await entered)
  if (account) noteAccount(account)
  if (!account || !isOwn(account)) {
    location.reload()
    return new Promise(() => {}) // nothing of the page goes on for somebody else
  }
  dialog.close()
  dialog.remove()
  if (before instanceof HTMLElement) before.focus()
}
