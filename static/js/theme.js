/** @file Runs before the first paint, so that a chosen theme never flashes. Not a module: those come later. */

{
  let theme = null
  try {
    theme = localStorage.getItem("llmchat.theme")
  } catch {
    // A browser that keeps nothing has no choice to remember.
  }
  document.documentElement.dataset.theme = theme === "light" || theme === "dark" ? theme : "system"
}
