/** @file What is said of a page that came over plain http from another machine. Loaded there. */

import { learnMore, t } from "../lib/t.js"
import { kept } from "../state/kept.js"

/** Until it was put away once. @returns {Promise<{code: string, message: string}[]>} */
export async function insecure() {
  if (kept("llmchat.insecure")) return []
  await learnMore("access")
  return [{ code: "insecure", message: t("insecure.text") }]
}
