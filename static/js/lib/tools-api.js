/** @file The part of the server's HTTP API that is about tools. */

import { request, send } from "./api.js"

/** @typedef {{name: string, kind: "stdio"|"http"}} ToolServer */
/** @typedef {{server: string, tool: string|null, created: number}} Approval */

/** @returns {Promise<{servers: ToolServer[], problem: string|null, approvals: Approval[]}>} */
export function tools() {
  return request("api/tools")
}

/** Ask again before this one, or all of them. @param {{server: string, tool: string|null}|null} [approval] @returns {Promise<null>} */
export function forget(approval = null) {
  const named = Object.entries(approval ?? {}).flatMap(([name, value]) => (value ? [[name, value]] : []))
  return send(`api/tools/approvals?${new URLSearchParams(named)}`, "DELETE")
}
