/** @file The files of a message that is being written: made ready, sent to the server, kept with the draft. */

import { sendFile } from "../lib/files-api.js"
import { isDrawn, isPicture, whyNot } from "../lib/files.js"
import { inOneLine } from "../lib/problems.js"
import { signal } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { attached, drop } from "./attached.js"

/** @typedef {import("../types.js").Attachment} Attachment @typedef {import("../lib/files.js").Limits} Limits */
/** @typedef {import("./attached.js").Attached} Attached */

/** Emits `refused` with the reason for a file that cannot be taken at all, and `change` when there is other to keep. */
export class Attaching extends EventTarget {
  /** In the order in which they were added; another array after each change. */
  all = signal(/** @type {Attached[]} */ ([]))
  /** The same, without following it. @type {Attached[]} */
  now = []
  #line = Promise.resolve()

  /** @param {string|null} chat that it is for @param {() => Limits} limits @param {(file: File) => Promise<{content: Blob, name: string}>} redraw makes a picture fit to be sent */
  constructor(chat, limits, redraw) {
    super()
    this.chat = chat
    this.limits = limits
    this.redraw = redraw
  }

  /** @param {Iterable<File>} files @param {string|null} [text] that the file was made of */
  add(files, text = null) {
    for (const file of files) {
      const seen = isDrawn(file.type) || isPicture(file.type)
      const one = attached(file, { file, text, picture: seen ? URL.createObjectURL(file) : null })
      // A picture is made smaller first: what counts is what it becomes.
      const why = whyNot(isDrawn(file.type) ? { name: file.name, size: 1 } : file, this.now, this.limits())
      if (why) this.#refuse(one, why)
      else this.#begin(one)
    }
  }

  /** Others in their place, which are on the server already. @param {Attachment[]} stored */
  set(stored) {
    this.#leave()
    this.put(stored, [])
  }

  /** Further ones that are on the server already. @param {Attachment[]} stored */
  put(stored, others = this.now) {
    this.#set([...others, ...stored.map((one) => attached(one, { step: "there", stored: one }))])
  }

  /** @param {number} key */
  remove(key) {
    const one = this.now.find((each) => each.key === key)
    if (one) drop(one)
    this.#set(this.now.filter((each) => each.key !== key))
    this.#keep()
    return one ?? null
  }

  /** @param {number} key */
  retry(key) {
    const one = this.now.find((each) => each.key === key)
    if (!one?.file) return
    Object.assign(one, { step: "waiting", part: 0, problem: "" })
    this.#changed()
    this.#send(one)
  }

  /** Those that are on the server. */
  get stored() {
    return this.now.flatMap(({ stored }) => stored ?? [])
  }

  get isReady() {
    return this.now.every(({ step }) => step === "there")
  }

  get hasFailed() {
    return this.now.some(({ step }) => step === "failed")
  }

  /** @param {Attached} one */
  #begin(one) {
    this.#set([...this.now, one])
    this.#send(one)
  }

  /** One after the other: the browser has few connections to the server. @param {Attached} one */
  #send(one) {
    this.#line = this.#line.then(() => this.#sendNow(one)).catch(() => {})
  }

  /** @param {Attached} one */
  async #sendNow(one) {
    if (one.stop.signal.aborted || !one.file) return
    try {
      const { content, name } = isDrawn(one.file.type) ? await this.#redrawn(one.file) : { content: one.file, name: one.name }
      Object.assign(one, { step: "sending", name, size: content.size })
      const others = this.now.filter((each) => each !== one)
      const why = whyNot(one, others, this.limits())
      if (why) throw new Error(why)
      this.#changed()
      const options = { signal: one.stop.signal, onProgress: (/** @type {number} */ part) => this.#tell(one, part) }
      one.stored = await sendFile(content, name, options)
      Object.assign(one, { step: "there", type: one.stored.type, name: one.stored.name })
      this.#keep()
    } catch (error) {
      const { status = 400 } = /** @type {{status?: number}} */ (error)
      Object.assign(one, { step: "failed", problem: inOneLine(/** @type {Error} */ (error)), again: status === 0 || status === 408 || status >= 500 })
    }
    this.#changed()
  }

  /** @param {File} file */
  #redrawn(file) {
    return this.redraw(file).catch(() => { throw new Error(t("files.noPicture")) })
  }

  /** @param {Attached} one @param {number} part */
  #tell(one, part) {
    one.part = part
    this.#changed()
  }

  /** @param {Attached} one @param {string} why */
  #refuse(one, why) {
    drop(one)
    this.dispatchEvent(new CustomEvent("refused", { detail: why }))
  }

  #keep() {
    this.dispatchEvent(new Event("change"))
  }

  #leave() {
    this.now.forEach(drop)
  }

  #changed() {
    this.#set([...this.now])
  }

  /** @param {Attached[]} all */
  #set(all) {
    this.now = all
    this.all.set(all)
  }
}
