/** @file What the menu of a chat offers. */

import { may } from "../lib/role.js"
import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Item} Item @typedef {import("./row-menu.js").Entry} Entry */

/**
 * @param {Item} item
 * @param {{rename: () => void, choose: () => void, move: () => void, share: () => void, remove: () => void,
 *   act: (action: import("../types.js").BatchAction) => void}} does
 * @returns {Entry[]}
 */
export function entriesOf(item, { rename, choose, move, share, remove, act }) {
  const choosing = /** @type {Entry} */ ({ label: t("row.choose"), icon: "select", run: choose })
  if (item.deleted !== null) {
    return [{ label: t("row.restore"), icon: "restore", run: () => act("restore") }, choosing,
      { label: t("forever.go"), icon: "trash", run: remove, danger: true }]
  }
  return [
    { label: t("row.rename"), icon: "edit", run: rename, keys: "F2" },
    item.pinned ? { label: t("row.unpin"), icon: "pin", run: () => act("unpin") } : { label: t("row.pin"), icon: "pin", run: () => act("pin") },
    item.archived ? { label: t("row.unarchive"), icon: "restore", run: () => act("unarchive") }
      : { label: t("row.archive"), icon: "archive", run: () => act("archive") },
    { label: t("row.move"), icon: "folder", run: move },
    choosing,
    ...may("user") ? [/** @type {Entry} */ ({ label: t("row.share"), icon: "share", run: share })] : [],
    { label: t("row.exportMarkdown"), icon: "file", href: exportAddress(item.id, "markdown") },
    { label: t("row.exportJson"), icon: "file", href: exportAddress(item.id, "json") },
    { label: t("delete.go"), icon: "trash", run: remove, danger: true, keys: "Delete" },
  ]
}

/** @param {string} id @param {"markdown"|"json"} format */
function exportAddress(id, format) {
  return `api/conversations/${encodeURIComponent(id)}/export?format=${format}`
}
