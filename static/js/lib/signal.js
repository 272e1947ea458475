/** @file Values that tell who reads them when they change. */

/** @typedef {{run: () => void, sources: Set<Set<Effect>>}} Effect */

/** @type {Effect|null} */
let reader = null

/**
 * A value: `get` inside an effect subscribes it, `set` of another value runs its effects.
 *
 * @template T
 * @param {T} value
 */
export function signal(value) {
  /** @type {Set<Effect>} */
  const readers = new Set()
  return {
    get() {
      if (reader) {
        readers.add(reader)
        reader.sources.add(readers)
      }
      return value
    },
    /** @param {T} next */
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const one of [...readers]) one.run()
    },
  }
}

/**
 * Run now, and again after each change of a signal that the last run has read.
 *
 * @param {() => void} work
 * @returns {() => void} ends it
 */
export function effect(work) {
  /** @type {Effect} */
  const self = {
    sources: new Set(),
    run() {
      forget(self)
      const outer = reader
      reader = self
      try {
        work()
      } finally {
        reader = outer
      }
    },
  }
  self.run()
  return () => forget(self)
}

/** @param {Effect} one */
function forget(one) {
  for (const readers of one.sources) readers.delete(one)
  one.sources.clear()
}
