/** @file What is set for the chat in view: kept by the server, or by this tab until the chat is there. */

import { areEqual } from "../lib/chat-settings.js"
import * as api from "../lib/conversations-api.js"
import { signal } from "../lib/signal.js"

/** @typedef {import("../lib/chat-settings.js").Settings} Settings @typedef {import("./chat.js").Chat} Chat */

export class ChatSettings {
  /** Of the chat in view. */
  now = signal(/** @type {Settings} */ ({}))

  /** @param {import("./conversation.js").Conversation} conversation @param {import("./catalogue.js").Catalogue} catalogue @param {import("./turns.js").Turns} turns */
  constructor(conversation, catalogue, turns) {
    this.conversation = conversation
    this.catalogue = catalogue
    conversation.addEventListener("changed", () => this.#show())
    turns.addEventListener("accepted", () => this.#catchUp(conversation.chat))
    catalogue.onOther = (model) => this.set({ ...this.now.get(), model })
  }

  /** All that is set from now on. Rejects with an ApiError; then it is as before. @param {Settings} settings */
  async set(settings) {
    const { chat } = this.conversation
    if (areEqual(settings, chat.settings)) return
    const before = chat.settings
    chat.settings = settings
    this.conversation.show() // also where the model is told less from now on
    if (chat.temporary) return
    if (!chat.id) return void (chat.late = chat.tree.size > 0) // its first question is on the way
    try {
      await this.#store(chat)
    } catch (error) {
      if (chat.settings === settings) chat.settings = before
      this.#show()
      throw error
    }
  }

  #show() {
    const { settings } = this.conversation.chat
    if (areEqual(settings, this.now.get())) return
    this.now.set(settings)
    this.catalogue.ofChat.set(settings.model ?? null)
  }

  /** What was set while the chat was being made. @param {Chat} chat */
  async #catchUp(chat) {
    if (!chat.late || !chat.id) return
    chat.late = false
    await this.#store(chat).catch(() => {}) // it is shown as the server has it
  }

  /** @param {Chat} chat */
  async #store(chat) {
    chat.setting++
    try {
      const item = await api.change(/** @type {string} */ (chat.id), { settings: chat.settings })
      this.conversation.library.take(item)
    } finally {
      chat.setting--
    }
  }
}
