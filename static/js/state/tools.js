/** @file The tool servers that there are, and those that the chat in view may use. */

import { inOneLine } from "../lib/problems.js"
import { effect, signal } from "../lib/signal.js"
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

  /** @param {import("./chat-settings.js").ChatSettings} settings */
  constructor(settings) {
    super()
    this.settings = settings
    effect(() => this.#show())
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
    const before = this.settings.now.get()
    const on = namesIn(before)
    const tool_servers = on.includes(name) ? on.filter((one) => one !== name) : [...on, name]
    const { tool_servers: _, ...others } = before
    await this.settings.set(tool_servers.length ? { ...others, tool_servers } : others).catch((error) => this.#notice(error))
  }

  /** @param {any} error an ApiError */
  #notice(error) {
    this.dispatchEvent(new CustomEvent("notice", { detail: inOneLine(error) }))
  }

  #show() {
    const names = namesIn(this.settings.now.get())
    if (names.join("\n") !== this.on.get().join("\n")) this.on.set(names)
  }
}

/** @param {import("../lib/chat-settings.js").Settings} settings @returns {string[]} */
function namesIn({ tool_servers }) {
  return Array.isArray(tool_servers) ? tool_servers.filter((one) => typeof one === "string") : []
}
