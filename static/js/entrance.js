/** @file The page of who is not signed in. What the address has brought for that is taken out of it first. */

import { takeFromAddress } from "./lib/entrance.js"

const brought = takeFromAddress()
const [{ learn, learnMore, t }, { noteAccount, lastAccount, watchAccount }] = await Promise.all([import("./lib/t.js"), import("./state/signed-in.js")])
await Promise.all([learn(), learnMore("access")])
const { SignIn } = await import("./elements/sign-in.js")

const card = new SignIn()
card.name = lastAccount()?.name ?? ""
card.addEventListener("entered", (event) => {
  noteAccount(/** @type {CustomEvent} */ (event).detail.account)
  location.reload() // the same address has the app now
})
watchAccount((id) => { if (id !== null) location.reload() })
addEventListener("hashchange", () => {
  const { token } = takeFromAddress()
  if (token !== null) card.enter(token)
})
document.title = `${t("enter.title")} · llmchat`
document.documentElement.toggleAttribute("data-told", true)
document.querySelector("main")?.append(card)
if (brought.token !== null) await card.enter(brought.token)
else await card.start(brought.reason ? t(`enter.oidc.${brought.reason}`) : "")
