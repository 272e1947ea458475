/** @file Texts that are kept to be used again: found by what is typed after a slash. */

/** @typedef {{id: string, name: string, text: string, updated: number}} Prompt */

export const LONGEST_NAME = 60
export const LONGEST_TEXT = 20_000

/** What is looked for, where a message begins with a slash; null: it is only a message. @param {string} text */
export function queryOf(text) {
  return /^\/([^/\n]{0,60})$/.exec(text)?.[1] ?? null
}

/** Those whose name begins with it come first. @param {Prompt[]} all @param {string} query @returns {Prompt[]} */
export function matching(all, query) {
  const wanted = query.trim().toLocaleLowerCase()
  const place = (/** @type {Prompt} */ { name }) => name.toLocaleLowerCase().indexOf(wanted)
  return all.filter((one) => place(one) >= 0).sort((one, other) => Math.min(place(one), 1) - Math.min(place(other), 1))
}

/** What a file of them has. @param {Prompt[]} all */
export function exported(all) {
  return JSON.stringify({ prompts: all.map(({ name, text }) => ({ name, text })) }, null, 2)
}
