/** @file What is done to messages of the chat in view that are there already. */

import * as api from "../lib/conversations-api.js"

/** @typedef {import("./conversation.js").Conversation} Conversation */

/** In a temporary chat all of it happens here; else the server does it, and says no with an ApiError. */
export class Edits {
  /** @param {Conversation} conversation */
  constructor(conversation) {
    this.conversation = conversation
  }

  /** Other words in the same place. @param {string} id @param {{content?: string, reasoning?: string}} changes */
  async save(id, changes) {
    const { chat } = this.conversation
    const known = chat.tree.get(id)
    if (!known) return
    const edited = chat.id ? await api.edit(chat.id, id, changes) : { ...known, ...changes, edited: Date.now() }
    chat.tree.put(edited)
    this.#show(chat)
  }

  /** How many messages go with one, itself among them. @param {string} id */
  count(id) {
    return this.conversation.chat.tree.below(id).size
  }

  /** It and all below it. @param {string} id */
  async remove(id) {
    const { chat } = this.conversation
    const parent = chat.tree.get(id)?.parent_id ?? null
    if (!chat.id || chat.isUnsent(id)) chat.drop(id)
    else await this.conversation.hold(async () => {
      const { active } = await api.cut(chat.id ?? "", id)
      chat.tree = chat.tree.without(id)
      chat.active = active ?? parent
      this.conversation.refresh()
    })
    this.#show(chat)
  }

  /** Show another version, with its newest branch. @param {string} to */
  async turn(to) {
    const { chat } = this.conversation
    const leaf = chat.tree.newestBelow(to)
    chat.active = leaf
    this.#show(chat)
    if (!chat.id || chat.isUnsent(leaf)) return
    await this.conversation.hold(async () => {
      this.conversation.library.take(await api.change(chat.id ?? "", { active: leaf }))
    })
  }

  /** A new chat with what leads to a message. @param {string} id @returns {Promise<string>} its id */
  async fork(id) {
    const { chat, library } = this.conversation
    const item = await api.fork(chat.id ?? "", id)
    library.take(item)
    return item.id
  }

  /** @param {import("./chat.js").Chat} chat */
  #show(chat) {
    if (chat === this.conversation.chat) this.conversation.show()
  }
}
