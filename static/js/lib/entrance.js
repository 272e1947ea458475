/** @file What there is to know before somebody has signed in: which form comes first, and what the address has brought. */

/** @typedef {import("./session-api.js").SessionState} SessionState */
/** @typedef {"setup"|"password"|"token"|"oidc"|"proxy"|"none"} First */

const REASONS = /** @type {const} */ (["expired", "refused", "unavailable", "invalid", "not-allowed"])

/** The form to begin with; `none`: nobody can sign in. @param {Pick<SessionState, "auth"|"ways"|"setup">} state @returns {First} */
export function firstOf({ auth, ways, setup }) {
  if (setup) return "setup"
  if (auth === "proxy") return "proxy"
  for (const way of /** @type {const} */ (["password", "token", "oidc"])) if (ways.includes(way)) return way
  return "none"
}

/**
 * What the fragment is for, if it is for signing in: the token, or why the service has not let one in.
 *
 * @param {string} hash
 * @returns {{token: string|null, reason: typeof REASONS[number]|null}}
 */
export function broughtBy(hash) {
  const [, name, value] = /^#(token|oidc)=(.*)$/.exec(hash) ?? []
  const reason = REASONS.find((one) => one === value) ?? "invalid"
  return { token: name === "token" ? value : null, reason: name === "oidc" ? reason : null }
}

/**
 * The same, once: from then on it is neither in the address nor in its history.
 *
 * @returns {ReturnType<typeof broughtBy>}
 */
export function takeFromAddress() {
  const brought = broughtBy(location.hash)
  if (brought.token !== null || brought.reason !== null) history.replaceState(null, "", location.pathname + location.search)
  return brought
}
