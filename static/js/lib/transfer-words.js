/** @file What the page says about files of chats. */

import { number, t } from "./t.js"

/** @typedef {import("./transfer-api.js").Report} Report */

/** What the formats are called. @type {Record<string, string>} */
const FORMATS = {
  chatgpt: "ChatGPT", claude: "Claude", "open-webui": "Open WebUI", librechat: "LibreChat",
  "llama.cpp": "llama.cpp", "chatbot-ui": "Chatbot UI", llmchat: "llmchat",
}

/** @param {string} format */
export function formatName(format) {
  return FORMATS[format] ?? format
}

/** What is in a file. @param {Report} report */
export function content(report) {
  const { conversations, messages, attachments, missing_attachments: missing, projects } = report
  const skipped = skippedCount(report)
  return [
    t("transfer.conversations", { count: conversations }), t("transfer.messages", { count: messages }),
    attachments && t("transfer.attachments", { count: attachments }),
    missing && t("transfer.missing", { count: missing }),
    projects && t("transfer.projects", { count: projects }),
    skipped && t("transfer.skipped", { count: skipped }),
  ].filter(Boolean).join(", ")
}

/** Those that are listed and those that were too many to be. @param {Report} report */
export function skippedCount({ skipped, skipped_more: more = 0 }) {
  return skipped.length + more
}

/** What an import does, or has done. @param {Report} report */
export function effectOf({ new: fresh, updated, unchanged, dry_run: dry }) {
  if (!fresh && !updated) return unchanged ? t("transfer.allHere") : t("transfer.nothing")
  const parts = [fresh && t("transfer.new", { fresh }), updated && t("transfer.updated", { updated }),
    unchanged && t("transfer.unchanged", { unchanged })].filter(Boolean).join(", ")
  return dry ? t("transfer.would", { parts }) : t("transfer.did", { parts })
}

/** @param {Report} report */
export function isWorthIt({ new: fresh, updated }) {
  return fresh + updated > 0
}

/** @param {number} bytes */
export function sizeName(bytes) {
  if (bytes < 1000) return t("size.bytes", { count: bytes })
  const [unit, key] = /** @type {[number, "size.kb"|"size.mb"|"size.gb"]} */ (
    bytes < 1e6 ? [1e3, "size.kb"] : bytes < 1e9 ? [1e6, "size.mb"] : [1e9, "size.gb"])
  const value = bytes / unit
  return t(key, { size: number(value, value < 10 ? 1 : 0) })
}
