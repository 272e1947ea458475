/** @file Chats that are dragged from their list onto a project. */

/** @typedef {import("../types.js").Item} Item @typedef {import("./project-list.js").ProjectList} ProjectList */

const TYPE = "application/x-llmchat-chats"

/** @param {import("./chat-list.js").ChatList} chats @param {ProjectList} list @param {(items: Item[], project: string) => void} move */
export function dragChats(chats, list, move) {
  let dragged = /** @type {Item[]} */ ([])
  chats.addEventListener("dragstart", ({ target, dataTransfer }) => {
    const id = /** @type {Element} */ (target).closest?.("li")?.dataset.id ?? ""
    const item = chats.item(id)
    if (!item || item.deleted !== null || !dataTransfer) return
    dragged = chats.choice.now?.has(id) ? chats.chosen : [item]
    dataTransfer.setData(TYPE, "")
    dataTransfer.effectAllowed = "copyMove"
    list.awaits = true
  })
  chats.addEventListener("dragend", () => { list.awaits = false })
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) list.addEventListener(name, (event) => {
    const { type, dataTransfer, target } = /** @type {DragEvent} */ (event)
    const row = /** @type {Element} */ (target).closest?.("li")
    if (!row || !dataTransfer?.types.includes(TYPE)) return
    event.preventDefault()
    dataTransfer.dropEffect = "move"
    list.mark(type === "dragleave" || type === "drop" ? null : row)
    if (type !== "drop") return
    chats.choice.end()
    move(dragged, row.dataset.id ?? "")
  })
}
