/** @file The parts of the page's state, and what ties them together. */

import { send } from "../lib/api.js"
import * as api from "../lib/conversations-api.js"
import { may } from "../lib/role.js"
import { t } from "../lib/t.js"
import { Catalogue } from "./catalogue.js"
import { Changes } from "./changes.js"
import { ChatSettings } from "./chat-settings.js"
import { Conversation } from "./conversation.js"
import { keepDraftFiles, sweepDraftFiles } from "./draft-files.js"
import { keepDraft, sweepDrafts } from "./drafts.js"
import { Edits } from "./edits.js"
import { effect, signal } from "../lib/signal.js"
import { forgetQueue, sweepQueues } from "./kept-queues.js"
import { keptKeys } from "./kept.js"
import { Library } from "./library.js"
import { presets } from "./presets.js"
import { Queue } from "./queue.js"
import { Turns } from "./turns.js"

const OLD_CHAT = "llmchat.chat."

/** Emits `notice` with what people should know, and `projects` when there are others. */
export class Page extends EventTarget {
  library = new Library()
  catalogue = new Catalogue()
  conversation = new Conversation(this.library)
  turns = new Turns(this.conversation, this.catalogue)
  queue = new Queue(this.conversation, this.turns)
  settings = new ChatSettings(this.conversation, this.catalogue, this.turns)
  /** Loaded where there are any. */
  tools = signal(/** @type {import("./tools.js").Tools|null} */ (null))
  edits = new Edits(this.conversation)
  /** As they were read last; null: there have been none. @type {import("../lib/projects-api.js").Project[]|null} */
  projects = null
  #read = ""
  #looks = 0

  constructor() {
    super()
    for (const part of [this.library, this.turns]) {
      part.addEventListener("notice", (event) => this.#tell(/** @type {CustomEvent} */ (event).detail))
    }
    this.turns.addEventListener("several", (event) => {
      const { chat, first } = /** @type {CustomEvent} */ (event).detail
      if (chat === this.conversation.chat) this.edits.turn(first).catch(() => {}) // then the last one is gone on with
      else api.change(chat.id ?? "", { active: first }).catch(() => {})
    })
    effect(() => this.#tell(this.catalogue.replaced.get()))
    this.library.addEventListener("change", () => this.markRead())
    this.library.addEventListener("change", (event) => {
      const { id, item } = /** @type {CustomEvent} */ (event).detail
      if (!item) [keepDraft(id, ""), keepDraftFiles(id, []), forgetQueue(id)]
    })
    document.addEventListener("visibilitychange", () => this.markRead())
  }

  start() {
    new Changes({
      onChange: ({ conversation, item, messages }) =>
        item ? this.library.take(item, messages) : this.library.forget(conversation),
      onProjects: () => this.#lookForProjects(),
      onReset: (restarted) => {
        this.#lookForProjects()
        if (restarted) this.conversation.doubt()
        this.library.reload()
        this.conversation.refresh()
      },
      isAwaited: () => this.conversation.runs.any,
    }).start()
    this.library.more()
    presets.load().catch(() => {}) // then there are none to choose
    this.#lookForTools()
    for (const sweep of [sweepDrafts, sweepDraftFiles, sweepQueues]) sweep(Date.now())
    this.#moveOldChats()
  }

  /** What shows them is loaded where there are any. Answers may overtake each other: the last question counts. */
  async #lookForProjects() {
    const round = ++this.#looks
    const found = await send("api/projects", "GET").catch(() => null)
    if (round !== this.#looks || !found || !(found.items.length || this.projects)) return
    this.projects = found.items
    this.dispatchEvent(new Event("projects"))
  }

  /** There are some in mcp.json, or the chat in view wants some. */
  async #lookForTools() {
    if (!may("user")) return
    const { servers = [], problem = null } = await send("api/tools", "GET").catch(() => ({}))
    if (servers.length || problem) return this.#loadTools()
    this.conversation.addEventListener("changed", () => this.conversation.chat.settings.tool_servers?.length && this.#loadTools())
  }

  async #loadTools() {
    const loaded = this.tools.get() ? null : await import("./tools.js").catch(() => null)
    if (!loaded || this.tools.get()) return
    const tools = new loaded.Tools(this.settings)
    tools.addEventListener("notice", (event) => this.#tell(/** @type {CustomEvent} */ (event).detail))
    this.tools.set(tools)
    tools.refresh()
  }

  async #moveOldChats() {
    if (!keptKeys().some((key) => key.startsWith(OLD_CHAT))) return // what moves them need not be loaded
    const { moveOldChats } = await import("./old-chats.js")
    const { moved, left } = await moveOldChats()
    if (moved) this.#tell(t("old.moved", { count: moved }))
    if (left) this.#tell(t("old.left", { count: left }))
  }

  /** Somebody sees the chat in view. Each answer is marked once, also where the server refuses it. */
  markRead() {
    const id = this.conversation.id.get() ?? ""
    const item = this.library.get(id)
    const what = `${id} ${item?.revision}`
    if (document.hidden || !item?.unread || this.conversation.runs.any || what === this.#read) return
    this.#read = what
    api.change(id, { unread: false }).then((now) => this.library.take(now), () => {}) // then it stays marked
  }

  /** @param {string|null} text */
  #tell(text) {
    if (text) this.dispatchEvent(new CustomEvent("notice", { detail: text }))
  }
}
