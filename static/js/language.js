/** @file Runs before the first paint: which language the page speaks, and its catalogue is asked for at once. Not a module: those come later. */

{
  const SPOKEN = ["en", "de"] // as `languages` in lib/t.js
  const RIGHT_TO_LEFT = ["ar", "fa", "he", "ur"]
  const root = document.documentElement
  const spoken = (/** @type {string} */ tag) => SPOKEN.includes(tag.split("-")[0].toLowerCase())
  /** @type {string[]} */
  let wanted = []
  try {
    wanted = [localStorage.getItem("llmchat.language") ?? ""]
  } catch {
    // A browser that keeps nothing has no choice to remember.
  }
  // With its region, which Intl goes by: dates are not written alike in the United States and in Britain.
  const tag = [...wanted, ...navigator.languages].find(spoken) ?? "en"
  root.dataset.locale = navigator.languages.find((one) => one.split("-")[0] === tag) ?? tag
  root.lang = tag.split("-")[0].toLowerCase()
  root.dir = RIGHT_TO_LEFT.includes(root.lang) ? "rtl" : "ltr"
  const link = document.createElement("link")
  link.rel = "modulepreload"
  link.href = new URL(`words/${root.lang}.js`, /** @type {HTMLScriptElement} */ (document.currentScript).src).href
  document.head.append(link)
}
