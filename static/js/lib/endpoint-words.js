/** @file What is said of endpoints, in words. */

import { explained, inOneLine } from "./problems.js"
import { t } from "./t.js"

/** @typedef {import("./endpoints-api.js").Endpoint} Endpoint @typedef {import("./endpoints-api.js").Verdict} Verdict */
/** @typedef {import("./endpoints-api.js").Step} Step */

/** What people often enter. */
export const KNOWN = [
  "https://api.openai.com/v1", "https://openrouter.ai/api/v1", "https://api.anthropic.com/v1", "https://api.mistral.ai/v1",
  "https://api.groq.com/openai/v1", "https://api.deepseek.com/v1", "https://generativelanguage.googleapis.com/v1beta/openai",
  "http://localhost:11434/v1", "http://localhost:8080/v1", "http://localhost:1234/v1",
]

/** What to call it. @param {Endpoint} endpoint */
export function nameOf({ embedded, name }) {
  return embedded ? t("place.short") : name
}

/** How it is. @param {Endpoint} endpoint */
export function stateOf({ embedded, state, models }) {
  if (state === "off") return t("ep.off")
  if (embedded || state !== "ok") return t(state === "ok" ? "endpoint.ok" : `endpoint.${state}`)
  return `${t("endpoint.ok")} · ${t("choose.count", { count: models })}`
}

/** What is wrong with it, if anything. @param {Endpoint} endpoint */
export function troubleOf({ key_lost: lost, state, error, code }) {
  if (lost) return t("ep.keyLost")
  return state === "error" && error ? inOneLine({ code, message: error }) : ""
}

/** Why the page cannot change it. @param {Endpoint} endpoint */
export function lockOf({ source }) {
  if (source === "environment") return t("ep.fromEnvironment")
  return source === "file" ? t("ep.fromFile") : ""
}

/** Its key, as far as that is told. @param {Endpoint} endpoint */
export function keyOf({ key }) {
  if (!key.set) return ""
  return key.last4 ? t("ep.keyEnds", { last4: key.last4 }) : t("ep.keySet")
}

/** What stands in the place of a secret that is kept. @param {import("./endpoints-api.js").Secret} secret */
export function keptKey({ last4 }) {
  return last4 ? t("ep.kept", { last4 }) : t("ep.keptShort")
}

const STEPS = /** @type {const} */ ({
  name: "ep.stepName", connection: "ep.stepConnection", tls: "ep.stepTls", reply: "ep.stepReply", key: "ep.stepKey", models: "ep.stepModels",
})

/** @param {Step} step */
export function stepName({ name }) {
  return t(STEPS[/** @type {keyof STEPS} */ (name)])
}

/** What came of trying it: in short, and what else the server said. @param {Verdict} verdict */
export function verdictOf(verdict) {
  return explained(verdict)
}

/** Whether a key that is kept would be sent to this address, too. @param {string} kept the address that it was entered for @param {string} address */
export function isSameServer(kept, address) {
  try {
    return new URL(kept).origin === new URL(address.trim()).origin
  } catch {
    return true // it is no address yet
  }
}
