/** @file One thing that search found. */

import { h } from "../dom/h.js"
import { shortDate } from "../lib/dates.js"
import { hitAddress } from "../lib/search-api.js"
import { shownParts } from "../lib/snippet.js"
import { t } from "../lib/t.js"

/** @typedef {import("../lib/search-api.js").Hit} Hit @typedef {import("../lib/search-api.js").Part} Part */

/** @type {Record<string, string>} */
const SPEAKERS = { user: t("speaker.user"), assistant: t("answer.label"), system: t("speaker.system"), tool: t("speaker.tool") }

/** @param {Hit} hit @param {string} id @param {number} now */
export function hitRow(hit, id, now) {
  const title = hit.title_parts.length ? hit.title_parts : [{ text: hit.title, hit: false }]
  const speaker = hit.role && SPEAKERS[hit.role]
  return h("a", { class: "hit", id, role: "option", "aria-selected": "false", tabindex: "-1", href: `./${hitAddress(hit)}` },
    h("span", { class: "hit-title", dir: "auto" }, ...marked(title)),
    h("span", { class: "hit-when" }, hit.archived && h("span", { class: "hit-badge" }, t("search.archived")), shortDate(hit.created, now)),
    hit.snippet.length > 0 && h("span", { class: "hit-text", dir: "auto" },
      speaker && h("span", { class: "hit-who" }, `${speaker}: `), ...marked(shownParts(hit.snippet))))
}

/** @param {Part[]} parts @returns {(Node|string)[]} */
function marked(parts) {
  return parts.map(({ text, hit }) => hit ? h("mark", {}, text) : text)
}
