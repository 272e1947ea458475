/** @file The files of the message that is being written, in the order in which they will be sent. */

import { announce } from "../dom/announce.js"
import { h } from "../dom/h.js"
import { isPicture } from "../lib/files.js"
import { effect, signal } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { FileChip } from "./file-chip.js"

/** @typedef {import("../state/attaching.js").Attaching} Attaching @typedef {import("../state/attaching.js").Attached} Attached */

/** Emits `tray-text` with a text that is not to be a file after all, and `tray-empty` when the focus has no place in it any more. */
export class FileTray extends HTMLElement {
  /** The name of the model, where it is known to be blind. */
  blind = signal(/** @type {string|null} */ (null))
  #list = h("div", { class: "file-list", role: "list", "aria-label": t("files.label") })
  #note = h("p", { class: "tray-note", hidden: true })
  /** @type {Map<number, FileChip>} */
  #chips = new Map()
  #stop = () => {}
  /** @type {Attaching|null} */
  #files = null

  connectedCallback() {
    this.append(this.#list, this.#note)
    /** @type {Record<string, (files: Attaching, key: number) => void>} */
    const deeds = {
      "file-remove": (files, key) => this.#remove(files, key),
      "file-retry": (files, key) => [files.retry(key), this.#chips.get(key)?.focus()],
      "file-to-text": (files, key) => this.#toText(files, key),
    }
    for (const [name, deed] of Object.entries(deeds)) {
      this.addEventListener(name, (event) => this.#files && deed(this.#files, /** @type {CustomEvent} */ (event).detail))
    }
  }

  /** @param {Attaching} files */
  watch(files) {
    this.#stop()
    this.#files = files
    this.#stop = effect(() => this.#show(files.all.get(), this.blind.get()))
  }

  /** @param {Attached[]} all @param {string|null} blind */
  #show(all, blind) {
    const keys = new Set(all.map(({ key }) => key))
    for (const [key, chip] of this.#chips) {
      if (keys.has(key)) continue
      chip.remove()
      this.#chips.delete(key)
    }
    for (const one of all) this.#chipOf(one).show(one)
    this.hidden = !all.length
    const unseen = blind !== null && all.some(({ type }) => isPicture(type))
    this.#note.hidden = !unseen
    if (unseen) this.#note.textContent = t("files.blind", { model: blind ?? "" })
  }

  /** @param {Attached} one */
  #chipOf({ key, name }) {
    const known = this.#chips.get(key)
    if (known) return known
    const chip = new FileChip()
    this.#chips.set(key, chip)
    this.#list.append(chip)
    announce(t("files.added", { name }))
    return chip
  }

  /** @param {Attaching} files @param {number} key */
  #remove(files, key) {
    const keys = [...this.#chips.keys()]
    const at = keys.indexOf(key)
    const neighbour = keys[at + 1] ?? keys[at - 1]
    const gone = files.remove(key)
    if (gone) announce(t("files.removed", { name: gone.name }))
    if (neighbour === undefined) this.#leave()
    else this.#chips.get(neighbour)?.focus()
  }

  /** @param {Attaching} files @param {number} key */
  #toText(files, key) {
    const text = files.remove(key)?.text
    if (text) this.dispatchEvent(new CustomEvent("tray-text", { bubbles: true, detail: text }))
  }

  #leave() {
    this.dispatchEvent(new Event("tray-empty", { bubbles: true }))
  }
}

customElements.define("file-tray", FileTray)
