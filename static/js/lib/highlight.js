/** @file Code to coloured pieces, line by line; the library and each language are fetched when they are first met. */

/** @typedef {import("../../vendor/highlight.js").default} Highlighter */
/** @typedef {[scope: string, text: string]} Piece */

/** Beyond, lines are coloured one by one: never a long task. */
export const WHOLE_CHARACTERS = 32768
const LONGEST_LINE = 2000

/** Names that people write for the languages of static/vendor/languages. */
const ALIASES = /** @type {Record<string, string>} */ ({
  js: "javascript", jsx: "javascript", mjs: "javascript", node: "javascript", ts: "typescript",
  tsx: "typescript", py: "python", python3: "python", sh: "bash", shell: "bash", zsh: "bash",
  console: "bash", html: "xml", svg: "xml", vue: "xml", "c++": "cpp", cc: "cpp", h: "c", hpp: "cpp",
  cs: "csharp", "c#": "csharp", rb: "ruby", rs: "rust", golang: "go", kt: "kotlin", yml: "yaml",
  md: "markdown", docker: "dockerfile", make: "makefile", ps1: "powershell", toml: "ini",
  patch: "diff", tex: "latex", jsonc: "json", json5: "json", hs: "haskell", ex: "elixir",
  pl: "perl", objc: "objectivec", gql: "graphql", postgres: "sql", sqlite: "sql",
})
export const NAMES = new Set((
  "bash c clojure cmake cpp csharp css dart diff dockerfile elixir erlang fsharp go graphql haskell "
  + "http ini java javascript json julia kotlin latex less lisp lua makefile markdown matlab nginx "
  + "nix objectivec ocaml perl php powershell protobuf python r ruby rust scala scss sql swift "
  + "typescript vim xml yaml").split(" "))

/** @type {Highlighter|null} */
let highlighter = null
/** @type {Map<string, Promise<boolean>>} */
const loading = new Map()

/** @param {string} label @returns {string|null} the name of a language that can be coloured */
export function languageOf(label) {
  const name = label.toLowerCase()
  const known = ALIASES[name] ?? name
  return NAMES.has(known) ? known : null
}

/** @param {string} name of `languageOf` */
export function isLoaded(name) {
  return Boolean(highlighter?.getLanguage(name))
}

/** @param {string} name of `languageOf` @returns {Promise<boolean>} whether it can be used now */
export function load(name) {
  let promise = loading.get(name)
  if (!promise) {
    promise = Promise.all([core(), import(`../../vendor/languages/${name}.js`)]).then(
      ([library, language]) => (library.registerLanguage(name, language.default), true),
      () => false,
    )
    loading.set(name, promise)
  }
  return promise
}

async function core() {
  const { default: library } = await import("../../vendor/highlight.js")
  library.configure({ __emitter: LineEmitter })
  return highlighter = library
}

/**
 * The lines of the code, each in pieces of one colour. Without a language a line is one piece.
 *
 * @param {string} code
 * @param {string|null} name of a loaded language
 * @returns {Piece[][]}
 */
export function lines(code, name) {
  if (name === null) return code.split("\n").map(plain)
  return emitted(code, name)
}

/** A line on its own, for code that is still being written. @param {string} line @param {string|null} name @returns {Piece[]} */
export function oneLine(line, name) {
  return name === null || line.length > LONGEST_LINE ? plain(line) : emitted(line, name)[0]
}

/** @param {string} line @returns {Piece[]} */
function plain(line) {
  return line ? [["", line]] : []
}

/** @param {string} code @param {string} name */
function emitted(code, name) {
  const result = /** @type {Highlighter} */ (highlighter).highlight(code, { language: name, ignoreIllegals: true })
  return /** @type {LineEmitter} */ (result._emitter).lines
}

/** Collects what the highlighter finds: the innermost scope of each piece, cut at line ends. */
class LineEmitter {
  /** @type {Piece[][]} */
  lines = [[]]
  /** @type {string[]} */
  #scopes = []

  /** @param {string} text */
  addText(text) {
    const scope = (this.#scopes[this.#scopes.length - 1] ?? "").split(".")[0]
    text.split("\n").forEach((part, index) => {
      if (index > 0) this.lines.push([])
      if (part) this.#add(scope, part)
    })
  }

  /** @param {string} scope @param {string} text */
  #add(scope, text) {
    const line = this.lines[this.lines.length - 1]
    const last = line[line.length - 1]
    if (last && last[0] === scope) last[1] += text
    else line.push([scope, text])
  }

  /** @param {string} scope */
  startScope(scope) {
    this.#scopes.push(scope)
  }

  endScope() {
    this.#scopes.pop()
  }

  /** @param {string} scope */
  openNode(scope) {
    this.#scopes.push(scope)
  }

  closeNode() {
    this.#scopes.pop()
  }

  /** @param {LineEmitter} inner another language inside, as CSS in HTML */
  __addSublanguage(inner) {
    inner.lines.forEach((pieces, index) => {
      if (index > 0) this.lines.push([])
      for (const [scope, text] of pieces) this.#add(scope, text)
    })
  }

  finalize() {}

  toHTML() {
    return "" // no HTML is ever made of an answer
  }
}
