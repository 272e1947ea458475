/** @file Runs before the first paint, so that a chosen theme never flashes. Not a module: those come later. */

{
  const theme = localStorage.getItem("llmchat.theme")
  document.documentElement.dataset.theme = theme === "light" || theme === "dark" ? theme : "system"
}
