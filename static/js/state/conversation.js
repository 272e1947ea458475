/** @file The chat in view, kept as the server has it, without the page around it. */

import * as api from "../lib/conversations-api.js"
import { ended } from "../lib/messages.js"
import { signal } from "../lib/signal.js"
import { lineAt, toldOf } from "../lib/told.js"
import { Chat } from "./chat.js"
import { Patience } from "./patience.js"
import { Runs } from "./runs.js"

/** @typedef {import("./library.js").Library} Library */

/**
 * Emits `changed` when there is something else to show, `ended` with the reply at the end of an
 * answer, `missing` when the server has no such chat, `gone` when it was deleted, and `notice`.
 */
export class Conversation extends EventTarget {
  /** The id of the chat; null before the server has one. */
  id = signal(/** @type {string|null} */ (null))
  chat = new Chat(null)
  runs = new Runs()
  /** Whether its messages are still being read. */
  loading = false
  #reading = false
  #again = false
  #patience = new Patience()

  /** @param {Library} library */
  constructor(library) {
    super()
    this.library = library
    this.runs.addEventListener("end", (event) => this.#onEnd(/** @type {CustomEvent} */ (event).detail))
    library.addEventListener("change", (event) => this.#onChange(/** @type {CustomEvent} */ (event).detail))
  }

  /** A chat that is not there yet. @param {boolean} [temporary] only this tab will know it @param {string|null} [project] that it will belong to */
  begin(temporary = false, project = null) {
    this.#switch(Object.assign(new Chat(null, temporary), { project }))
    this.show()
  }

  /** Go to another chat; what is answered in this one goes on. @param {string} id @param {string|null} message to show, on whatever branch it is */
  async open(id, message = null) {
    if (this.id.get() !== id) this.#switch(new Chat(id))
    this.loading = this.chat.revision < 0
    if (this.loading) this.show()
    if (this.loading) await this.refresh()
    if (this.id.get() !== id || !message || !this.chat.tree.get(message)) return
    this.chat.active = this.chat.tree.newestBelow(message)
    this.show()
  }

  /** Read what has changed. Nothing is shown of it while a question is being sent: what comes then has its messages. */
  async refresh() {
    const { id } = this.chat
    if (!id) return
    this.#again = this.#reading || this.chat.held > 0
    if (this.#again) return
    this.#reading = true
    await this.#read(this.chat, id)
    this.#reading = false
    if (this.#again) await this.refresh()
  }

  /** The server was started again: if it has not this chat, what is in view stays. */
  doubt() {
    this.chat.doubted = true
  }

  /** @template T @param {() => Promise<T>} work @returns {Promise<T>} no refresh comes in between */
  async hold(work) {
    const { chat } = this
    chat.held++
    try {
      return await work()
    } finally {
      chat.held--
      if (this.#again && chat === this.chat) this.refresh()
    }
  }

  /** @param {Chat} chat @param {string} id */
  async #read(chat, id) {
    try {
      const since = chat.revision < 0 ? null : chat.revision
      const opened = await api.open(id, since)
      if (chat !== this.chat) return
      if (chat.held) return void (this.#again = true)
      this.#keepEnds(opened.messages)
      if (since === null) chat.take(opened)
      else if (!chat.takeChanges(opened)) chat.take(await api.open(id))
      chat.doubted = false
      this.#patience.reset()
      this.loading = false
      this.show()
    } catch (error) {
      if (chat === this.chat) this.#onProblem(/** @type {import("../lib/api.js").ApiError} */ (error))
    }
  }

  /** What ended meanwhile does not run again. @param {import("../types.js").Message[]} messages */
  #keepEnds(messages) {
    messages.forEach((message, index) => {
      const known = this.runs.isOver(message) && this.chat.tree.get(message.id)
      if (known) messages[index] = known
    })
  }

  /** @param {import("../lib/api.js").ApiError} error */
  #onProblem({ status }) {
    if (status === 404 && this.loading) return this.dispatchEvent(new Event("missing"))
    if (status === 404) return this.chat.doubted || this.dispatchEvent(new Event("gone"))
    return setTimeout(() => this.refresh(), this.#patience.next() * 1000)
  }

  /** @param {Chat} chat */
  #switch(chat) {
    this.runs.leave()
    this.chat = chat
    this.loading = false
    this.#again = false
    this.id.set(chat.id)
  }

  /** The branch in view. @returns {import("../types.js").Shown[]} */
  get shown() {
    const { path, inView, temporary, settings } = this.chat
    const told = toldOf(path, settings)
    const end = path.at(-1)?.id
    const group = end ? this.chat.group(end) : null
    return inView.map((message) => ({
      key: this.chat.key(message.id), message, run: this.runs.get(message.id),
      reply: message.role === "assistant" ? this.runs.replyOf(message) : null,
      siblings: group?.includes(message) ? [message.id] : this.chat.versions(message.id),
      last: message.id === end, unsent: this.chat.isUnsent(message.id), temporary,
      line: lineAt(path.indexOf(message), told, path.length),
      side: group?.includes(message) ? { chosen: message.id === end } : null,
      compared: group && message.id === group[0].parent_id ? group.map(({ id, state }) => ({ id, ready: state === "done" })) : null,
    }))
  }

  /** Show what there is, and follow what runs. */
  show() {
    const { inView } = this.chat
    const over = inView.filter(({ id, state }) => state !== "running" && this.runs.get(id))
    const started = this.runs.follow(inView)
    this.dispatchEvent(new Event("changed"))
    for (const run of started) run.start()
    // What the server says of the chat may come sooner than the end of the stream.
    for (const message of over) this.dispatchEvent(new CustomEvent("ended", { detail: this.runs.replyOf(message) }))
  }

  /** @param {{id: string|null, run: import("./run.js").Run}} end */
  #onEnd({ id, run }) {
    const message = this.chat.tree.get(id)
    if (!message) return
    this.chat.tree.put(ended(message, run.reply))
    this.show()
    this.dispatchEvent(new CustomEvent("ended", { detail: run.reply }))
    if (run.lost) this.doubt()
    if (run.job) this.refresh()
  }

  /** @param {{id: string, item: import("../types.js").Item|null}} change */
  #onChange({ id, item }) {
    if (id !== this.chat.id) return
    if (!item || item.deleted) return void this.dispatchEvent(new Event("gone"))
    if (item.revision > this.chat.revision) this.refresh()
    if ((item.title === this.chat.title && item.project === this.chat.project) || this.loading) return
    Object.assign(this.chat, { title: item.title, project: item.project })
    this.dispatchEvent(new Event("changed"))
  }
}
