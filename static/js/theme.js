/** @file Runs before the first paint, so that a chosen theme never flashes; colours what is around the page. Not a module: those come later. */

{
  let theme = null
  try {
    theme = localStorage.getItem("llmchat.theme")
  } catch {
    // A browser that keeps nothing has no choice to remember.
  }
  const root = document.documentElement
  const show = (/** @type {string|null} */ chosen) => {
    root.dataset.theme = chosen === "light" || chosen === "dark" ? chosen : "system"
  }
  show(theme)
  addEventListener("storage", ({ key, newValue }) => { if (key === "llmchat.theme") show(newValue) })

  const [light, dark] = document.querySelectorAll("meta[name=theme-color]")
  const colours = { light: light.getAttribute("content") ?? "", dark: dark.getAttribute("content") ?? "" }
  const paint = () => {
    const { theme } = root.dataset
    light.setAttribute("content", theme === "dark" ? colours.dark : colours.light)
    dark.setAttribute("content", theme === "light" ? colours.light : colours.dark)
  }
  new MutationObserver(paint).observe(root, { attributeFilter: ["data-theme"] })
  paint()
}
