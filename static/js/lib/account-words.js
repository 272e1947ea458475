/** @file What is said of accounts: when they were seen, what goes with them, and what was done. */

import { shortDate } from "./dates.js"
import { t } from "./t.js"

/** @typedef {import("./users-api.js").Held} Held @typedef {import("./users-api.js").Deed} Deed @typedef {import("./session-api.js").Role} Role */

export const ROLES = /** @type {const} */ (["user", "guest", "admin"])

/** @param {number|null} time @param {number} now */
export function seenAt(time, now) {
  return time === null ? t("users.neverSeen") : t("account.seen", { when: shortDate(time, now) })
}

/** What is deleted with an account, as a list; empty if there is nothing in it. @param {Held} held */
export function allOf({ conversations, messages, files, keys }) {
  return [
    conversations && t("chat.count", { count: conversations }), messages && t("transfer.messages", { count: messages }),
    files && t("account.files", { count: files }), keys && t("account.keys", { count: keys }),
  ].filter(Boolean).join(", ")
}

const DEEDS = /** @type {const} */ ([
  "account-deleted", "account-disabled", "account-enabled", "account-made", "account-made-admin", "account-made-guest", "account-made-user", "account-renamed",
  "key-made", "key-revoked", "password-changed", "session-ended", "sessions-ended", "set-up", "signed-in", "signed-out"])

/** The words of an entry of the log; what is not known here stands as the server has it. @param {Deed} deed */
export function deedIn({ action, target }) {
  const known = DEEDS.find((one) => one === action)
  if (known === "signed-in") return t("audit.signed-in", { target: wayIn(target) })
  return known ? t(`audit.${known}`, { target }) : [action, target].filter(Boolean).join(" ")
}

/** @param {string} way */
function wayIn(way) {
  const known = (/** @type {const} */ (["password", "token", "oidc"])).find((one) => one === way)
  return known ? t(`audit.by.${known}`) : way
}

const LETTERS = "abcdefghjkmnpqrstuvwxyz23456789" // none is taken for another one
const GROUPS = 4

/** One that nobody guesses and everybody can type. @returns {string} */
export function freshPassword() {
  const one = () => {
    for (;;) {
      const [byte] = crypto.getRandomValues(new Uint8Array(1))
      if (byte < 256 - 256 % LETTERS.length) return LETTERS[byte % LETTERS.length] // each is as likely as the others
    }
  }
  return Array.from({ length: GROUPS }, () => Array.from({ length: 4 }, one).join("")).join("-")
}
