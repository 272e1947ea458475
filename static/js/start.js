/** @file Has the words of the page's language before its elements are defined: they are made of them. */

import { translate } from "./dom/translate.js"
import { learn } from "./lib/t.js"

await learn()
if (document.documentElement.lang !== "en") translate(document)
document.documentElement.toggleAttribute("data-told", true)
await import("./main.js")
