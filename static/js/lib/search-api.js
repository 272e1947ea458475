/** @file Search in titles and messages. */

import { request } from "./api.js"

/**
 * @typedef {{text: string, hit: boolean}} Part
 * @typedef {{conversation_id: string, title: string, message_id: string|null, role: string|null,
 *   created: number, archived: boolean, snippet: Part[], title_parts: Part[]}} Hit
 */

const PAGE = 30

/** @param {string} q @param {string|null} cursor @param {AbortSignal} signal @returns {Promise<{items: Hit[], next: string|null}>} */
export function search(q, cursor, signal) {
  const query = new URLSearchParams({ q, limit: String(PAGE), ...(cursor && { cursor }) })
  return request(`api/search?${query}`, { signal })
}

/** Where a hit stands, on the page. @param {Hit} hit */
export function hitAddress({ conversation_id: conversation, message_id: message }) {
  return message === null ? `#${conversation}` : `#${conversation}/${message}`
}
