/** @file Has the words of the page's language before its elements are defined: they are made of them. */

import { learn } from "./lib/t.js"

await learn()
await import("./main.js")
