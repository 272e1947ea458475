/** @file The tool servers that there are, and those that the chat in view may use. */

import { change } from "../lib/conversations-api.js"
import { inOneLine } from "../lib/problems.js"
import { signal } from "../lib/signal.js"
import { forget, tools } from "../lib/tools-api.js"

/** Emits `notice` with what could not be set. */
export class Tools extends EventTarget {
  servers = signal(/** @type {import("../lib/tools-api.js").ToolServer[]} */ ([]))
  /** Why none can be used, in words of the server. */
  problem = signal(/** @type {string|null} */ (null))
  /** What runs without a question. */
  approvals = signal(/** @type {import("../lib/tools-api.js").Approval[]} */ ([]))
  /** Their names; none until somebody turns them on. */
  on = signal(/** @type {string[]} */ ([]))

  /** @param {import("./conversation.js").Conversation} conversation @param {import("./turns.js").Turns} turns */
  constructor(conversation, turns) {
    super()
    this.conversation = conversation
    conversation.addEventListener("changed", () => this.#show())
    turns.addEventListener("accepted", () => this.#catchUp())
  }

  async refresh() {
    const found = await tools().catch(() => null)
    if (!found) return // what was known is shown
    this.servers.set(found.servers)
    this.problem.set(found.problem)
    this.approvals.set(found.approvals)
  }

  /** Ask again before each tool. */
  async forget() {
    await forget().catch((error) => this.#notice(error))
    await this.refresh()
  }

  /** From the next question on. @param {string} name */
  async toggle(name) {
    const { chat } = this.conversation
    const before = chat.settings
    const on = namesIn(before)
    const tool_servers = on.includes(name) ? on.filter((one) => one !== name) : [...on, name]
    chat.settings = { ...before, tool_servers }
    this.#show()
    if (!chat.id) return void (chat.late = chat.tree.size > 0 && !chat.temporary) // its first question is on the way
    try {
      await this.#store(chat)
    } catch (error) {
      chat.settings = before
      this.#show()
      this.#notice(error)
    }
  }

  /** @param {any} error an ApiError */
  #notice(error) {
    this.dispatchEvent(new CustomEvent("notice", { detail: inOneLine(error) }))
  }

  #show() {
    const names = namesIn(this.conversation.chat.settings)
    if (names.join("\n") !== this.on.get().join("\n")) this.on.set(names)
  }

  /** What was turned on while the chat was being made. */
  async #catchUp() {
    const { chat } = this.conversation
    if (!chat.late || !chat.id) return
    chat.late = false
    await this.#store(chat).catch(() => {}) // it is shown as the server has it
  }

  /** @param {import("./chat.js").Chat} chat */
  async #store(chat) {
    chat.setting++
    try {
      this.conversation.library.take(await change(/** @type {string} */ (chat.id), { settings: chat.settings }))
    } finally {
      chat.setting--
    }
  }
}

/** @param {Record<string, any>} settings @returns {string[]} */
function namesIn({ tool_servers }) {
  return Array.isArray(tool_servers) ? tool_servers.filter((one) => typeof one === "string") : []
}
