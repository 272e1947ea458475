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
