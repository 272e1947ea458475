/** @file Chats as plain data: naming them, and putting them under their day. */

const LONGEST_TITLE = 60

/** A random id; `crypto.randomUUID` does not exist on plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")
}

/** The first line of the question, cut between words. @param {string} question */
export function titleOf(question) {
  const line = question.trim().split("\n", 1)[0].replace(/[\u202A-\u202E\u2066-\u2069]/g, "")
  if (line.length <= LONGEST_TITLE) return line || "New chat"
  const cut = Array.from(line).slice(0, LONGEST_TITLE).join("")
  const space = cut.lastIndexOf(" ")
  return (space > 0 ? cut.slice(0, space) : cut) + "…"
}
