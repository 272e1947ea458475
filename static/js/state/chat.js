/** @file One conversation as this tab knows it: its tree, the branch in view, and what is not on the server yet. */

import { isFailedTry } from "../lib/messages.js"
import { Tree } from "../lib/tree.js"

/** @typedef {import("../types.js").Message} Message @typedef {import("../types.js").Opened} Opened */

export class Chat {
  title = ""
  tree = new Tree()
  /** The last message of the branch in view. */
  active = /** @type {string|null} */ (null)
  revision = -1
  /** The server may be another one than that which it is from: that it has no such chat means little. */
  doubted = false
  /** @type {import("../lib/chat-settings.js").Settings} */
  settings = {}
  /** @type {string|null} the project that it belongs to */
  project = null
  /** How many are changing them: what comes from the server meanwhile is older. */
  setting = 0
  /** They were changed while the first question was on its way. */
  late = false
  /** How many are changing it: until they are done, nothing is read of it. */
  held = 0
  /** @type {string|null} what the server has called the active one */
  #stored = null
  /** @type {Set<string>} messages that the server has not taken (yet) */
  #unsent = new Set()
  /** @type {Set<string|null>} questions whose answers are shown one at a time */
  #single = new Set()
  /** @type {Map<string, string>} what a message was called before the server gave it its id */
  #keys = new Map()

  /** @param {string|null} id null before the server knows it @param {boolean} [temporary] */
  constructor(id, temporary = false) {
    this.id = id
    this.temporary = temporary
  }

  get path() {
    return this.tree.path(this.active)
  }

  /** The branch in view, and the answers that are compared on it. @returns {Message[]} */
  get inView() {
    return this.path.flatMap((one) => this.group(one.id) ?? [one])
  }

  /** The answers that are shown side by side with one: until one of them is gone on with. @param {string} id @returns {Message[]|null} */
  group(id) {
    const message = this.tree.get(id)
    if (!message?.parameters.side_by_side || this.#single.has(message.parent_id)) return null
    const all = this.tree.siblings(id).filter((one) => one.parameters.side_by_side)
    return all.length > 1 && all.every((one) => this.tree.below(one.id).size === 1) ? all : null
  }

  /** Show the answers to a question one at a time. @param {string} question */
  separate(question) {
    this.#single.add(question)
  }

  /** The same for a message all the time. @param {string} id */
  key(id) {
    return this.#keys.get(id) ?? id
  }

  /** The versions of a message to choose from, in order: those that failed are none, but for the one in view. @param {string} id */
  versions(id) {
    return this.tree.siblings(id).filter((one) => one.id === id || !isFailedTry(one) || this.tree.below(one.id).size > 1)
      .map((one) => one.id)
  }

  /** @param {string} id */
  isUnsent(id) {
    return this.#unsent.has(id)
  }

  /** The last message of the branch that the server knows. @returns {string|null} */
  get tail() {
    return this.path.findLast(({ id }) => !this.#unsent.has(id))?.id ?? null
  }

  /** All of it, as it was read. @param {Opened} opened */
  take(opened) {
    const unsent = this.tree.all().filter(({ id }) => this.#unsent.has(id))
    this.tree = new Tree(opened.messages)
    for (const message of unsent) if (this.#hasParent(message)) this.tree.put(message)
    this.#follow(opened)
  }

  /** What has changed of it. @param {Opened} opened @returns {boolean} whether that is all: else it has to be read whole */
  takeChanges(opened) {
    for (const message of opened.messages) this.tree.put(message)
    this.#follow(opened)
    return this.tree.size - this.#unsent.size === opened.count
  }

  /** Messages that somebody else has added below what this tab knew. @param {Message[]} messages @param {string|null} active */
  takeTail(messages, active) {
    for (const message of messages) this.tree.put(message)
    if (active) this.active = active
  }

  /** Messages that the server is to be told of. @param {...Message} messages */
  add(...messages) {
    for (const message of messages) {
      this.tree.put(message)
      this.#unsent.add(message.id)
      this.active = message.id
    }
  }

  /** The server has taken a message. @param {string} local @param {string} id */
  confirm(local, id) {
    this.#unsent.delete(local)
    this.#keys.set(id, this.key(local))
    if (local === id) return
    this.tree = this.tree.renamed(local, id)
    if (this.active === local) this.active = id
  }

  /** Take away what the server has not taken. @param {string} id */
  drop(id) {
    const parent = this.tree.get(id)?.parent_id ?? null
    for (const one of this.tree.below(id)) this.#unsent.delete(one)
    const inView = this.path.some((one) => one.id === id)
    this.tree = this.tree.without(id)
    if (inView) this.active = parent
  }

  /** @param {Opened} opened */
  #follow({ title, revision, active, settings, project }) {
    this.title = title
    this.project = project
    if (!this.setting && !this.late) this.settings = settings
    this.revision = revision
    if (active !== this.#stored || !this.tree.get(this.active)) this.active = active
    this.#stored = active
  }

  /** @param {Message} message */
  #hasParent({ id, parent_id }) {
    if (parent_id === null || this.tree.get(parent_id)) return true
    this.#unsent.delete(id)
    return false
  }
}
