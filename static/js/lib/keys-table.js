/** @file The keys that work everywhere on the page: what they do, and which ones they are unless others were chosen. */

/**
 * The order is that in which they are shown.
 * @type {Readonly<Record<Group, Partial<Record<Deed, string>>>>}
 *
 * @typedef {"chats"|"writing"|"page"} Group
 * @typedef {"fresh"|"search"|"previous"|"next"|"remove"|"write"|"stop"|"copyAnswer"|"copyCode"|"model"
 *   |"chatSettings"|"sidebar"|"settings"|"keys"} Deed
 */
export const KEYS = {
  chats: {
    fresh: "Ctrl+Shift+o", search: "Ctrl+k", previous: "Ctrl+Shift+ArrowUp", next: "Ctrl+Shift+ArrowDown",
    remove: "Ctrl+Shift+Backspace",
  },
  writing: { write: "Shift+Escape", stop: "Escape", copyAnswer: "Ctrl+Shift+c", copyCode: "Ctrl+Shift+;", model: "Ctrl+Shift+m", chatSettings: "Ctrl+." },
  page: { sidebar: "Ctrl+b", settings: "Ctrl+,", keys: "Ctrl+/" },
}

/** @type {Readonly<Record<Deed, string>>} */
export const STANDARD = Object.assign({}, ...Object.values(KEYS))

/**
 * The keys in force: what was chosen goes before the standard, and no two deeds share theirs.
 *
 * @param {Partial<Record<Deed, string|null>>} chosen null: none
 * @returns {Record<Deed, string|null>}
 */
export function bound(chosen) {
  const taken = new Set(Object.values(chosen))
  const all = Object.entries(STANDARD).map(([deed, name]) => {
    const own = chosen[/** @type {Deed} */ (deed)]
    return [deed, own !== undefined ? own : taken.has(name) ? null : name]
  })
  return Object.fromEntries(all)
}

/** What any of these names does. @param {Record<Deed, string|null>} keys @param {string[]} names @returns {Deed|null} */
export function deedOf(keys, names) {
  const deeds = /** @type {Deed[]} */ (Object.keys(keys))
  for (const name of names) {
    const found = deeds.find((deed) => keys[deed] === name)
    if (found) return found
  }
  return null
}
