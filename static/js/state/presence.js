/** @file Whether somebody can see the page: a tab that has been hidden for a while is away. */

const HIDDEN_SECONDS = 10

/** @param {() => void} onAway @param {() => void} onShown each time that it is shown @returns {() => void} ends it */
export function watchPresence(onAway, onShown) {
  let hiding = 0
  const look = () => {
    clearTimeout(hiding)
    if (document.hidden) hiding = setTimeout(onAway, HIDDEN_SECONDS * 1000)
    else onShown()
  }
  document.addEventListener("visibilitychange", look)
  return () => {
    clearTimeout(hiding)
    document.removeEventListener("visibilitychange", look)
  }
}
