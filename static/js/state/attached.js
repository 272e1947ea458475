/** @file One file of a message that is being written. */

/** @typedef {import("../types.js").Attachment} Attachment */
/**
 * `again`: trying once more may help; `text` is what was pasted, where it was; `picture` an address
 * of what to show.
 * @typedef {{key: number, name: string, size: number, type: string, step: "waiting"|"sending"|"there"|"failed",
 *   part: number, problem: string, again: boolean, stored: Attachment|null, file: File|null, text: string|null,
 *   picture: string|null, stop: AbortController}} Attached
 */

let count = 0

/** @param {{name: string, size: number, type: string}} what @param {Partial<Attached>} more @returns {Attached} */
export function attached({ name, size, type }, more) {
  return {
    key: ++count, name, size, type, step: "waiting", part: 0, problem: "", again: false, stored: null, file: null,
    text: null, picture: null, stop: new AbortController(), ...more,
  }
}

/** What it holds is given back, and sending it ends. @param {Attached} one */
export function drop({ picture, stop }) {
  stop.abort()
  if (picture) URL.revokeObjectURL(picture)
}
