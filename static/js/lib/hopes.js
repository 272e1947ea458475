/** @file Changes that the server has not confirmed yet, laid over what it has said. */

/** @template {{id: string}} Thing */
export class Hopes {
  /** @type {Map<string, Partial<Thing>[]>} */
  #all = new Map()

  /** The thing as it will be, if all goes well. @param {Thing} thing @returns {Thing} */
  over(thing) {
    return Object.assign({}, thing, ...this.#all.get(thing.id) ?? [])
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
