/** @file What a block of code is by its label: the file it could be, and whether it can be looked at. */

import { languageOf } from "./highlight.js"

/** @typedef {"mermaid"|"svg"|"html"} Kind */

const EXTENSIONS = /** @type {Record<string, string>} */ ({
  bash: "sh", clojure: "clj", csharp: "cs", elixir: "ex", erlang: "erl", fsharp: "fs", graphql: "graphql",
  haskell: "hs", ini: "ini", javascript: "js", julia: "jl", kotlin: "kt", latex: "tex", markdown: "md",
  matlab: "m", objectivec: "m", ocaml: "ml", perl: "pl", powershell: "ps1", protobuf: "proto", python: "py",
  ruby: "rb", rust: "rs", typescript: "ts", nginx: "conf", lisp: "lisp", xml: "xml", http: "http",
})
/** Labels that say more than the language they are coloured as. */
const LABELS = new Set(("html svg vue jsx tsx mjs toml jsonc json5 hpp h zsh csv tsv txt").split(" "))
const NAMES = /** @type {Record<string, string>} */ ({
  dockerfile: "Dockerfile", docker: "Dockerfile", makefile: "Makefile", make: "Makefile", cmake: "CMakeLists.txt",
  mermaid: "diagram.mmd",
})
const PREVIEWS = /** @type {Record<string, Kind>} */ ({ mermaid: "mermaid", svg: "svg", html: "html" })

/** @param {string} label @returns {string} never a path */
export function fileNameOf(label) {
  const name = label.toLowerCase()
  if (Object.hasOwn(NAMES, name)) return NAMES[name]
  const language = languageOf(name)
  const extension = LABELS.has(name) ? name : language && (EXTENSIONS[language] ?? language)
  return `code.${extension ?? "txt"}`
}

/** @param {string} label @returns {Kind|null} */
export function previewOf(label) {
  const name = label.toLowerCase()
  return Object.hasOwn(PREVIEWS, name) ? PREVIEWS[name] : null
}
