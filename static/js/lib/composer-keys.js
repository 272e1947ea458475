/** @file What a key means where a message is written. */

const IN_COMPOSITION = 229 // keyCode of a key that an input method takes (isComposing is late in Safari)

/** @typedef {"send"|"edit-last"|"older"|"newer"} Deed */
/** @typedef {{key: string, keyCode: number, isComposing: boolean, shiftKey: boolean, ctrlKey: boolean, altKey: boolean, metaKey: boolean}} Key */

/**
 * Ctrl+Enter sends in any case, Shift+Enter never.
 *
 * @param {Key} key
 * @param {{empty: boolean, touched: boolean, enterSends: boolean}} place `touched`: keys are drawn on a screen
 * @returns {Deed|null} null: it is only a key
 */
export function deedOf({ key, keyCode, isComposing, shiftKey, ctrlKey, altKey, metaKey }, { empty, touched, enterSends }) {
  if (isComposing || keyCode === IN_COMPOSITION || shiftKey) return null
  if (key === "Enter") return ctrlKey || metaKey || (enterSends && !touched) ? "send" : null
  const walks = ctrlKey || altKey
  if (key === "ArrowUp") return walks ? "older" : empty && !metaKey ? "edit-last" : null
  return key === "ArrowDown" && walks ? "newer" : null
}
