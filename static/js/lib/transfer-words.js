/** @file What the page says about files of chats. */

/** @typedef {import("./transfer-api.js").Report} Report */

const number = new Intl.NumberFormat("en")

/** What the formats are called. @type {Record<string, string>} */
const FORMATS = {
  chatgpt: "ChatGPT", claude: "Claude", "open-webui": "Open WebUI", librechat: "LibreChat",
  "llama.cpp": "llama.cpp", "chatbot-ui": "Chatbot UI", llmchat: "llmchat",
}

/** @param {number} count @param {string} one @param {string} [many] */
export function counted(count, one, many = `${one}s`) {
  return `${number.format(count)} ${count === 1 ? one : many}`
}

/** @param {string} format */
export function formatName(format) {
  return FORMATS[format] ?? format
}

/** What is in a file. @param {Report} report */
export function content(report) {
  const { conversations, messages, attachments, missing_attachments: missing } = report
  const skipped = skippedCount(report)
  return [
    counted(conversations, "conversation"), counted(messages, "message"),
    attachments && counted(attachments, "attachment"),
    missing && `${counted(missing, "attachment")} missing`,
    skipped && `${counted(skipped, "entry", "entries")} skipped`,
  ].filter(Boolean).join(", ")
}

/** Those that are listed and those that were too many to be. @param {Report} report */
export function skippedCount({ skipped, skipped_more: more = 0 }) {
  return skipped.length + more
}

/** What an import does, or has done. @param {Report} report */
export function effectOf({ new: fresh, updated, unchanged, dry_run: dry }) {
  if (!fresh && !updated) return unchanged ? "All of it is here already." : "There is nothing to import."
  const parts = [fresh && `${number.format(fresh)} new`, updated && `${number.format(updated)} updated`,
    unchanged && `${number.format(unchanged)} unchanged`].filter(Boolean).join(", ")
  return dry ? `Would be ${parts}.` : `Imported: ${parts}.`
}

/** @param {Report} report */
export function isWorthIt({ new: fresh, updated }) {
  return fresh + updated > 0
}

/** @param {number} bytes */
export function sizeName(bytes) {
  if (bytes < 1000) return `${bytes} bytes`
  const [unit, name] = bytes < 1e6 ? [1e3, "kB"] : bytes < 1e9 ? [1e6, "MB"] : [1e9, "GB"]
  const value = bytes / Number(unit)
  return `${value.toFixed(value < 10 ? 1 : 0)} ${name}`
}
