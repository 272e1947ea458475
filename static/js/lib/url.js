/** @file Which addresses in an answer may become links. */

const SCHEMES = new Set(["http:", "https:", "mailto:"])

/**
 * The address as the browser itself understands it, or null where it is not a link for people.
 * Parsers differ: only what `new URL` says counts, never a pattern of ours.
 *
 * @param {string} text
 * @returns {string|null}
 */
export function safeUrl(text) {
  if (!URL.canParse(text)) return null
  const url = new URL(text)
  return SCHEMES.has(url.protocol) ? url.href : null
}
