/** @file One EventSource: the events of a job, told apart from what happens to the connection. */

const NAMES = ["status", "delta", "reasoning", "tool_call", "tool", "usage", "done"]

/**
 * @typedef {object} Ears
 * @property {() => void} onOpen
 * @property {(event: import("../types.js").WireEvent) => void} onEvent
 * @property {() => void} onRestart the server ends, and will be back
 * @property {() => void} onBroken
 */

/** @param {string} address @param {Ears} ears @returns {() => void} closes it */
export function listen(address, { onOpen, onEvent, onRestart, onBroken }) {
  const source = new EventSource(address)
  const hear = (/** @type {MessageEvent} */ event) =>
    onEvent({ id: event.lastEventId, event: event.type, data: JSON.parse(event.data) })
  for (const name of NAMES) source.addEventListener(name, hear)
  // A failed answer and a broken connection have the same name; only the answer has data, and who is signed out.
  source.addEventListener("error", (event) => {
    if ("data" in event && event.data && !isSignedOut(event.data)) hear(/** @type {MessageEvent} */ (event))
    else onBroken()
  })
  source.addEventListener("restart", onRestart)
  source.addEventListener("open", onOpen)
  return () => source.close()
}

/** The answer goes on, but not for who reads. @param {any} data */
function isSignedOut(data) {
  return JSON.parse(data).code === "session-ended"
}
