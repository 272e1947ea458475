/** @file Whether somebody can see the page: a tab that has been hidden for a while is away. */

const HIDDEN_SECONDS = 10
const TICK_SECONDS = 5
const ASLEEP_SECONDS = 15 // no tick for so long: the computer slept, or the tab was frozen

/**
 * @typedef {object} Presence
 * @property {() => void} onAway
 * @property {() => void} onShown each time that it is shown
 * @property {() => void} onWake it may be cut off from what it listens to, without having been told
 */

/** @param {Presence} presence @returns {() => void} ends it */
export function watchPresence({ onAway, onShown, onWake }) {
  const ended = new AbortController()
  const { signal } = ended
  let hiding = 0
  let ticked = Date.now()
  const wake = () => { if (!document.hidden) onWake() }
  const look = () => {
    clearTimeout(hiding)
    if (document.hidden) hiding = setTimeout(onAway, HIDDEN_SECONDS * 1000)
    else onShown()
  }
  const tick = () => {
    const asleep = Date.now() - ticked > ASLEEP_SECONDS * 1000
    ticked = Date.now()
    if (asleep) wake()
  }
  const timer = setInterval(tick, TICK_SECONDS * 1000)
  document.addEventListener("visibilitychange", look, { signal })
  document.addEventListener("resume", wake, { signal })
  addEventListener("online", wake, { signal })
  return () => {
    clearTimeout(hiding)
    clearInterval(timer)
    ended.abort()
  }
}
