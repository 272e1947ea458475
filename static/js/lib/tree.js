/** @file The messages of a conversation as a tree: its branches, siblings, and what is below a message. */

/** @typedef {import("../types.js").Message} Message */

export class Tree {
  /** @type {Map<string, Message>} in the order in which they were made */
  #messages = new Map()
  /** @type {Map<string|null, string[]>} */
  #children = new Map()

  /** @param {Iterable<Message>} [messages] in the order in which they were made */
  constructor(messages = []) {
    for (const message of messages) this.put(message)
  }

  get size() {
    return this.#messages.size
  }

  /** The newest message of all. @returns {string|null} */
  get newest() {
    return [...this.#messages.keys()].at(-1) ?? null
  }

  /** @param {string|null|undefined} id */
  get(id) {
    return this.#messages.get(id ?? "")
  }

  all() {
    return [...this.#messages.values()]
  }

  /** Add it, or take it in the place of what it was. @param {Message} message */
  put(message) {
    const { id, parent_id } = message
    if (!this.#messages.has(id)) this.#children.set(parent_id, [...this.#children.get(parent_id) ?? [], id])
    this.#messages.set(id, message)
  }

  /** From the first message to this one; to the newest where there is none such. @param {string|null} id @returns {Message[]} */
  path(id) {
    const path = []
    let message = this.get(id) ?? this.get(this.newest)
    while (message && path.length < this.size) {
      path.push(message)
      message = this.get(message.parent_id)
    }
    return path.reverse()
  }

  /** Those with the same parent, and itself. @param {string} id @returns {Message[]} */
  siblings(id) {
    const ids = this.#children.get(this.get(id)?.parent_id ?? null) ?? []
    return ids.map((one) => /** @type {Message} */ (this.get(one)))
  }

  /** It and all below it. @param {string} id @returns {Set<string>} */
  below(id) {
    const found = new Set(this.#messages.has(id) ? [id] : [])
    for (const one of found) this.#children.get(one)?.forEach((child) => found.add(child))
    return found
  }

  /** The end of its newest branch: no message is newer than one below it. @param {string} id @returns {string} */
  newestBelow(id) {
    const below = this.below(id)
    return [...this.#messages.keys()].findLast((one) => below.has(one)) ?? id
  }

  /** A tree without it and all below it. @param {string} id */
  without(id) {
    const gone = this.below(id)
    return new Tree(this.all().filter((one) => !gone.has(one.id)))
  }

  /** The same tree where a message has the id that the server gave it. @param {string} from @param {string} to */
  renamed(from, to) {
    const known = this.#messages.has(to)
    return new Tree(this.all().filter((one) => !known || one.id !== from).map((one) => ({
      ...one, id: one.id === from ? to : one.id, parent_id: one.parent_id === from ? to : one.parent_id,
    })))
  }
}
