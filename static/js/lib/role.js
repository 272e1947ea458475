/** @file What the account of this page may do: the page says it itself, so that nothing shows up and goes again. */

/** @typedef {import("./session-api.js").Role} Role */

const RANKS = ["guest", "user", "admin"]

/** Nothing where there are no accounts: then everybody may do all. @returns {string|undefined} */
export function ownRole() {
  return document.documentElement.dataset.role
}

/** @param {Role} least */
export function may(least) {
  const role = ownRole()
  return !role || RANKS.indexOf(role) >= RANKS.indexOf(least)
}
