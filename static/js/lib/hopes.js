/** @file Changes that the server has not confirmed yet, laid over what it has said. */

/** @template {{id: string}} Thing */
export class Hopes {
  /** @type {Map<string, Partial<Thing>[]>} */
  #all = new Map()

  /** The thing as it will be, if all goes well. @param {Thing} thing @returns {Thing} */
  over(thing) {
    const hopes = this.#all.get(thing.id)
    return hopes ? Object.assign({}, thing, ...hopes) : thing // the same one: lists look at what has changed only
  }

  /** @param {string[]} ids @param {Partial<Thing>} changes @returns {() => void} ends the hope: it has come true, or will not */
  add(ids, changes) {
    for (const id of ids) this.#all.set(id, [...this.#all.get(id) ?? [], changes])
    return () => {
      for (const id of ids) {
        const others = (this.#all.get(id) ?? []).filter((one) => one !== changes)
        if (others.length) this.#all.set(id, others)
        else this.#all.delete(id)
      }
    }
  }
}

/** What a batch makes of each of its conversations. @type {Record<import("../types.js").BatchAction, (project: string|null) => Partial<import("../types.js").Item>>} */
export const EFFECTS = {
  delete: () => ({ deleted: Date.now() }), restore: () => ({ deleted: null }),
  archive: () => ({ archived: true }), unarchive: () => ({ archived: false }),
  pin: () => ({ pinned: true }), unpin: () => ({ pinned: false }), read: () => ({ unread: false }),
  move: (project) => ({ project }),
}
