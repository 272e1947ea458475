/** @file Lets somebody sign in again where the page is, when the server knows nobody any more. */

const AGAIN_SECONDS = 1 // where what is needed for it cannot be had either

/** For any number of calls at once, once. @param {HTMLElement} app @returns {() => Promise<void>} resolves when somebody is in */
export function doorOf(app) {
  let waiting = /** @type {Promise<void>|null} */ (null)
  const open = async () => {
    for (;;) {
      const loaded = await import("../elements/sign-in-again.js").catch(() => null)
      if (loaded) return loaded.signInAgain(app)
      await new Promise((resolve) => setTimeout(resolve, AGAIN_SECONDS * 1000))
    }
  }
  return () => (waiting ??= open().finally(() => { waiting = null }))
}
