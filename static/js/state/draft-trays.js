/** @file The files that are being attached, chat by chat: going to another chat stops none. */

import { Attaching } from "./attaching.js"
import { areSame, draftFilesOf, keepDraftFiles } from "./draft-files.js"

/** @typedef {import("../types.js").Attachment} Attachment */

/** Emits `refused` with the reason for a file that cannot be taken. */
export class DraftTrays extends EventTarget {
  /** @type {Map<string, Attaching>} by chat */
  #all = new Map()

  /** @param {() => import("../lib/files.js").Limits} limits @param {(file: File) => Promise<{content: Blob, name: string}>} redraw */
  constructor(limits, redraw) {
    super()
    this.limits = limits
    this.redraw = redraw
  }

  /** @param {string|null} chat null: a temporary one, of which nothing is kept @returns {Attaching} */
  of(chat) {
    const known = chat !== null && this.#all.get(chat)
    return known || this.#begin(chat)
  }

  /** A chat has another id, or its first one. @param {string} from @param {string} to */
  rename(from, to) {
    const files = this.#all.get(from)
    if (!files || from === to) return
    this.#all.delete(from)
    this.#all.set(to, files)
    files.chat = to
    keepDraftFiles(from, [])
  }

  /** The message with these files was taken. @param {string} chat @param {Attachment[]} sent */
  settle(chat, sent) {
    if (areSame(draftFilesOf(chat), sent)) keepDraftFiles(chat, [])
    const files = this.#all.get(chat)
    if (files && sent.length && areSame(files.stored, sent)) files.set([])
  }

  /** @param {string|null} chat */
  #begin(chat) {
    const files = new Attaching(chat, this.limits, this.redraw)
    files.addEventListener("refused", (event) => this.dispatchEvent(new CustomEvent("refused", { detail: /** @type {CustomEvent} */ (event).detail })))
    files.addEventListener("change", () => { if (files.chat !== null) keepDraftFiles(files.chat, files.stored) })
    if (chat === null) return files
    files.set(draftFilesOf(chat))
    this.#all.set(chat, files)
    return files
  }
}
