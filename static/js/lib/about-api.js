/** @file What the server says of itself. */

import { request } from "./api.js"

/** The version of llmchat that runs. @returns {Promise<string>} */
export async function version() {
  const { info } = await request("api/openapi.json")
  return info.version
}
