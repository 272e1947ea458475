/** @file What the menu of a chat offers. */

/** @typedef {import("../types.js").Item} Item @typedef {import("./row-menu.js").Entry} Entry */

/**
 * @param {Item} item
 * @param {{rename: () => void, choose: () => void, remove: () => void,
 *   act: (action: import("../types.js").BatchAction) => void}} does
 * @returns {Entry[]}
 */
export function entriesOf(item, { rename, choose, remove, act }) {
  const choosing = /** @type {Entry} */ ({ label: "Choose", icon: "select", run: choose })
  if (item.deleted !== null) {
    return [{ label: "Restore", icon: "restore", run: () => act("restore") }, choosing,
      { label: "Delete for good", icon: "trash", run: remove, danger: true }]
  }
  return [
    { label: "Rename", icon: "edit", run: rename, keys: "F2" },
    item.pinned ? { label: "Unpin", icon: "pin", run: () => act("unpin") } : { label: "Pin", icon: "pin", run: () => act("pin") },
    item.archived ? { label: "Take out of the archive", icon: "restore", run: () => act("unarchive") }
      : { label: "Archive", icon: "archive", run: () => act("archive") },
    choosing,
    { label: "Export as Markdown", icon: "file", href: exportAddress(item.id, "markdown") },
    { label: "Export as JSON", icon: "file", href: exportAddress(item.id, "json") },
    { label: "Delete", icon: "trash", run: remove, danger: true, keys: "Del" },
  ]
}

/** @param {string} id @param {"markdown"|"json"} format */
function exportAddress(id, format) {
  return `api/conversations/${encodeURIComponent(id)}/export?format=${format}`
}
