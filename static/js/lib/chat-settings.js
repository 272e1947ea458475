/** @file What is set for one chat. */

/**
 * @typedef {{type: "text"}|{type: "json_object"}|{type: "json_schema",
 *   json_schema: {name: string, schema?: any, strict?: boolean|null}}} Format
 * @typedef {{model?: string, system?: string, temperature?: number, top_p?: number, max_tokens?: number,
 *   stop?: string|string[], seed?: number, presence_penalty?: number, frequency_penalty?: number, history?: number,
 *   response_format?: Format, reasoning_effort?: string, extra?: Record<string, any>, preset?: string, tool_servers?: string[]}} Settings
 */

/** How many things are not as they are without settings. @param {Settings} settings */
export function countOf({ preset: _, tool_servers: __, ...settings }) {
  return Object.values(settings).filter((value) => value !== undefined && value !== null && value !== "").length
}

/** Whether nothing is set at all. @param {Settings} settings */
export function areNone(settings) {
  return Object.keys(settings).length === 0
}

/** Whether both say the same, in whatever order. @param {Settings} one @param {Settings} other */
export function areEqual(one, other) {
  const text = (/** @type {Settings} */ settings) => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))
  return text(one) === text(other)
}
