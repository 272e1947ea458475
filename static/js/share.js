/** @file The page of a link to a copy of a chat: has its words before its elements are defined, which are made of them. */

import { learn, learnMore } from "./lib/t.js"

await Promise.all([learn(), learnMore("share")])
document.documentElement.toggleAttribute("data-told", true)
await import("./shared.js")
