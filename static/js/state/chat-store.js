/** @file The chats of this browser, in localStorage until the server keeps conversations. */

import { beyond } from "../lib/chats.js"
import { isFinal } from "../lib/reply.js"
import { signal } from "../lib/signal.js"
import { keep, keepInsteadOf, kept, keptKeys } from "./kept.js"

/** @typedef {import("../types.js").Chat} Chat */

const PREFIX = "llmchat.chat."
const DRAFT = "llmchat.draft."
const MOST_CHATS = 200
const LONGEST = 4_000_000 // characters: a browser keeps about five million of one site

/**
 * Every change is read, made and written in one go, so that tabs do not undo each other's.
 * `changed` events tell of the changes of this tab and of others (`detail.elsewhere`), `evicted`
 * ones of chats that made room (`detail.many`: because there are too many).
 */
export class ChatStore extends EventTarget {
  /** @type {Map<string, Chat>} */
  #chats = new Map()
  /** @type {Set<string>} ids of chats that are newer here than in the storage, which had no room */
  #unstored = new Set()
  /** All chats, newest first. */
  list = signal(/** @type {Chat[]} */ ([]))
  /** Why the last change could not be stored, for people; null when it was. */
  problem = signal(/** @type {string|null} */ (null))

  constructor() {
    super()
    for (const key of keptKeys()) this.#read(key)
    this.#tell()
    addEventListener("storage", (event) => this.#hear(event.key))
  }

  /** @param {string|null} id @returns {Chat|undefined} */
  get(id) {
    return this.#chats.get(id ?? "")
  }

  /** @param {Chat} chat */
  put(chat) {
    this.#chats.set(chat.id, chat)
    this.#write(chat)
    this.#tell(chat.id)
  }

  /** Change a chat as it is stored now; nothing happens when it is not. @param {string} id @param {(chat: Chat) => void} change */
  update(id, change) {
    if (!this.#unstored.has(id) && !this.#read(PREFIX + id)) return // deleted in another tab
    const chat = this.#chats.get(id)
    if (!chat) return
    change(chat)
    this.put(chat)
  }

  /** Keep what there is of an answer; another tab that follows it may have stored more already. @param {string} id @param {import("../types.js").Answer} answer @param {import("../types.js").Reply} reply */
  saveAnswer(id, answer, reply) {
    this.update(id, (chat) => {
      const stored = chat.messages.find((one) => one.id === answer.id)
      if (stored?.role !== "assistant" || stored.key !== answer.key || isFinal(stored.reply)) return
      stored.job ??= answer.job
      const more = reply.content.length + reply.reasoning.length
        >= stored.reply.content.length + stored.reply.reasoning.length
      if (more || isFinal(reply)) stored.reply = structuredClone(reply)
    })
  }

  /** @param {string} id */
  remove(id) {
    this.#forget(id)
    keep(PREFIX + id, null)
    this.#tell(id)
  }

  /** @param {string|null} key null: another tab has cleared all */
  #hear(key) {
    if (key === null) return location.reload()
    if (!key.startsWith(PREFIX)) return
    const id = key.slice(PREFIX.length)
    if (!this.#read(key)) this.#chats.delete(id)
    this.#tell(id, true)
  }

  /** @param {string} key @returns {boolean} whether there is such a chat */
  #read(key) {
    if (!key.startsWith(PREFIX)) return false
    const text = kept(key)
    if (text === null) return false
    try {
      const chat = JSON.parse(text)
      this.#chats.set(chat.id, chat)
      return true
    } catch {
      return false // not written by us: it stays where it is
    }
  }

  /** @param {Chat} chat */
  #write(chat) {
    const text = JSON.stringify(chat)
    const others = beyond([...this.#chats.values()].filter((one) => one !== chat), 0).reverse()
    // What did not fit has grown since: the others are not moved out and in again at each save.
    const keys = this.#unstored.has(chat.id) ? [] : others.map((one) => PREFIX + one.id)
    const gone = text.length > LONGEST ? null : keepInsteadOf(PREFIX + chat.id, text, keys, MOST_CHATS - 1)
    if (!gone) {
      this.#unstored.add(chat.id)
      return this.problem.set("This chat is too long for the browser's storage: it is lost when you reload.")
    }
    this.#unstored.delete(chat.id)
    this.problem.set(null)
    others.slice(0, gone.length).forEach((old, index) => this.#evict(old, others.length - index >= MOST_CHATS))
  }

  /** @param {Chat} old @param {boolean} many */
  #evict(old, many) {
    this.#forget(old.id)
    this.dispatchEvent(new CustomEvent("evicted", { detail: { title: old.title, many } }))
  }

  /** @param {string} id */
  #forget(id) {
    this.#chats.delete(id)
    this.#unstored.delete(id)
    keep(DRAFT + id, null)
  }

  /** @param {string} [id] @param {boolean} [elsewhere] */
  #tell(id, elsewhere = false) {
    this.list.set([...this.#chats.values()].sort((a, b) => b.updated - a.updated))
    this.dispatchEvent(new CustomEvent("changed", { detail: { id, elsewhere } }))
  }
}

/** The answer that is still in the making, if there is one. @param {Chat|undefined} chat */
export function runningAnswer(chat) {
  const last = chat?.messages[chat.messages.length - 1]
  return last?.role === "assistant" && !isFinal(last.reply) ? last : null
}
