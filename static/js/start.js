/** @file Has the words of the page's language before its elements are defined: they are made of them. */

import { translate } from "./dom/translate.js"
import { learn } from "./lib/t.js"

/** The token lets in who is not in yet; an address must not keep it. */
const dropToken = () => { if (location.hash.startsWith("#token=")) history.replaceState(null, "", location.pathname + location.search) }
dropToken()
addEventListener("hashchange", dropToken)
await learn()
if (document.documentElement.lang !== "en") translate(document)
document.documentElement.toggleAttribute("data-told", true)
await import("./main.js")
