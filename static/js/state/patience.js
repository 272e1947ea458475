/** @file How long to wait before the next try to reach the server, and what to call that. */

const RETRY_SECONDS = [0.3, 0.6, 1, 2, 3, 5]
const RESTART_SECONDS = 1 // what the server names in `retry` when it ends
const RESTARTING_SECONDS = 20 // after that, it is not about to come back

export class Patience {
  #failures = 0
  #restart = -Infinity // when the server said that it ends

  /** Something came. */
  reset() {
    this.#failures = 0
  }

  /** The connection stands again. */
  connected() {
    this.#restart = -Infinity
  }

  /** The server ends, and will be back. @returns {number} seconds until then */
  awaitRestart() {
    this.#restart = performance.now()
    return RESTART_SECONDS
  }

  /** Seconds before the next try, growing with each. */
  next() {
    return RETRY_SECONDS[Math.min(this.#failures++, RETRY_SECONDS.length - 1)]
  }

  /** What there is while there is no connection. @returns {import("../types.js").Connection} */
  get absence() {
    if (globalThis.navigator?.onLine === false) return "offline"
    return performance.now() - this.#restart < RESTARTING_SECONDS * 1000 ? "restarting" : "lost"
  }
}
