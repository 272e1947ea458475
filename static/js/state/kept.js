/** @file localStorage, which a browser may refuse to read and may have no room in. */

/** @param {string} key @returns {string|null} */
export function kept(key) {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** @param {string} key @param {string|null} value null: nothing any more @returns {boolean} whether it is kept */
export function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
    return true
  } catch {
    return false
  }
}

/** @returns {string[]} */
export function keptKeys() {
  try {
    return Object.keys(localStorage)
  } catch {
    return []
  }
}

/**
 * Keep it at the price of others: of the first ones, and of no more than it takes.
 *
 * @param {string} key
 * @param {string} value
 * @param {string[]} others keys that may go
 * @param {number} most of the others that may stay
 * @returns {string[]|null} the keys that went; null: there is no room even so, and none went
 */
export function keepInsteadOf(key, value, others, most) {
  /** @type {[string, string|null][]} */
  const gone = []
  for (const other of [...others, null]) {
    if (others.length - gone.length <= most && keep(key, value)) return gone.map(([name]) => name)
    if (other === null) break
    gone.push([other, kept(other)])
    keep(other, null)
  }
  for (const [name, text] of gone) keep(name, text)
  return null
}
