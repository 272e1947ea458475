/** @file The next messages of the chat in view: written while it was answering, sent one after the other. */

import { newId } from "../lib/chats.js"
import { signal } from "../lib/signal.js"
import { forgetQueue, keepQueue, QUEUE, queueOf } from "./kept-queues.js"

/** @typedef {import("./kept-queues.js").Queued} Queued @typedef {import("./chat.js").Chat} Chat */

const LATE_MILLISECONDS = 10 * 60_000 // after that, nobody expects that they go by themselves

/**
 * Its items are kept by the browser, so all tabs know them. Each has its Idempotency-Key from the
 * beginning: two tabs that see the same end of an answer ask once.
 */
export class Queue {
  /** In the order in which they will be sent. */
  items = signal(/** @type {Queued[]} */ ([]))
  /** @type {Queued[]} */
  #now = []
  /** @type {Chat|null} */
  #chat = null
  #urgent = false
  /** What the answer is called that is being written, if any (`key` of the chat). @type {string|null} */
  #running = null

  /** @param {import("./conversation.js").Conversation} conversation @param {import("./turns.js").Turns} turns */
  constructor(conversation, turns) {
    this.conversation = conversation
    this.turns = turns
    conversation.addEventListener("changed", () => [this.#follow(), this.#watch()])
    turns.addEventListener("accepted", () => this.#set(this.#now))
    globalThis.addEventListener?.("storage", ({ key }) => {
      if (this.#chat?.id && key === QUEUE + this.#chat.id) this.#load()
    })
  }

  /** @param {{content: string, attachments: import("../types.js").Attachment[]}} message */
  add({ content, attachments }) {
    this.#follow()
    const model = this.turns.catalogue.wanted()
    this.#set([...this.#now, { key: newId(), at: Date.now(), content, attachments, model }])
  }

  /** @param {string} key @returns {Queued|undefined} what it was */
  remove(key) {
    const found = this.#now.find((one) => one.key === key)
    if (found) this.#set(this.#now.filter((one) => one !== found))
    return found
  }

  /** Before all others, and in the place of what is being answered. @param {string} key */
  sendNow(key) {
    const first = this.#now.find((one) => one.key === key)
    if (!first) return
    this.#set([first, ...this.#now.filter((one) => one !== first)])
    this.#urgent = this.conversation.runs.any
    if (this.#urgent) this.conversation.runs.stop()
    else this.#next()
  }

  /** The answer may have ended while nobody looked. */
  resume() {
    this.#follow()
    const last = this.#chat?.path.at(-1)
    const [first] = this.#now
    if (!first || Date.now() - first.at > LATE_MILLISECONDS || this.turns.isAsking) return
    if (last?.role === "assistant" && last.state === "done") this.#next()
  }

  #follow() {
    const { chat } = this.conversation
    if (chat === this.#chat) return
    this.#chat = chat
    this.#urgent = false
    this.#running = null
    this.#now = []
    this.#load()
  }

  /** The end of an answer may be in what the server says of the chat, sooner than in its stream. */
  #watch() {
    const { chat, runs } = this.conversation
    const { inView } = chat
    const running = inView.findLast(({ id }) => runs.get(id))
    if (running) return void (this.#running = chat.key(running.id))
    const last = inView.find(({ id }) => chat.key(id) === this.#running)
    if (!last || last.state === "running") return // another branch is in view
    this.#running = null
    this.#onEnd(last.state === "done")
  }

  /** After an error, or when it was stopped, they wait. @param {boolean} well */
  #onEnd(well) {
    if (!well && !this.#urgent) return
    this.#urgent = false
    queueMicrotask(() => this.#next()) // after all who want to know of the end
  }

  #next() {
    this.#load()
    const [first, ...others] = this.#now
    if (!first || this.conversation.runs.any) return
    this.#set(others)
    this.turns.ask(first)
  }

  #load() {
    const { id = null } = this.#chat ?? {}
    if (id) this.#now = queueOf(id)
    this.items.set(this.#now)
  }

  /** @param {Queued[]} now */
  #set(now) {
    const { id = null } = this.#chat ?? {}
    this.#now = now
    if (id && now.length) keepQueue(id, now)
    else if (id) forgetQueue(id)
    this.items.set(now)
  }
}
