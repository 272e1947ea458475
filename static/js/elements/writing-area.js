/**
 * @file The text of the message that is being written, with its keys. Emits `written` after each
 * change, `send` and `edit-last` for keys, and `pasted` with `{files, text}` of what is not to be text.
 */

import { h } from "../dom/h.js"
import { fileOf, isLong, pastedOf } from "../dom/pasting.js"
import { emitter } from "../dom/message-tools.js"
import { deedOf } from "../lib/composer-keys.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { Walk } from "../state/inputs.js"
import { enterSends, longPaste } from "../state/preferences.js"

const TOUCHED = matchMedia("(pointer: coarse)")

export class WritingArea extends HTMLElement {
  /** Takes keys before they mean anything here. @type {(event: KeyboardEvent) => boolean} */
  takes = () => false
  /** Whether long texts that are pasted may become files. */
  mayAttach = true
  area = h("textarea", {
    class: "composer-text", rows: "1", placeholder: t("composer.placeholder"), "aria-label": t("composer.label"),
    dir: "auto", autocomplete: "off",
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event), oninput: () => this.#onInput(),
    onpaste: (/** @type {ClipboardEvent} */ event) => this.#onPaste(event),
  })
  #walk = new Walk()
  #emit = emitter(this)
  #stop = () => {}

  connectedCallback() {
    if (!this.firstChild) this.append(this.area)
    this.#stop = effect(() => this.area.setAttribute("enterkeyhint", enterSends.get() && !TOUCHED.matches ? "send" : "enter"))
  }

  disconnectedCallback() {
    this.#stop()
  }

  get value() {
    return this.area.value
  }

  /** Nobody is told. */
  set value(text) {
    this.area.value = text
    this.#grow()
  }

  focus() {
    this.area.focus()
  }

  /** At the caret, as if it had been typed. @param {string} text */
  insert(text) {
    const { selectionStart, selectionEnd } = this.area
    this.area.setRangeText(text, selectionStart, selectionEnd, "end")
    this.#onInput()
  }

  #onInput() {
    this.#walk.end()
    this.#grow()
    this.#emit("written", null)
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (this.takes(event)) return
    const place = { empty: !this.value, touched: TOUCHED.matches, enterSends: enterSends.get() }
    const deed = deedOf(event, place)
    if (!deed) return
    event.preventDefault()
    if (deed === "older") this.#go(this.#walk.older(this.value))
    else if (deed === "newer") this.#go(this.#walk.newer())
    else this.#emit(deed, null)
  }

  /** @param {string|null} text */
  #go(text) {
    if (text === null) return
    this.value = text
    this.area.setSelectionRange(text.length, text.length)
    this.#emit("written", null)
  }

  /** @param {ClipboardEvent} event */
  #onPaste(event) {
    const { files, text } = pastedOf(event.clipboardData)
    const long = this.mayAttach && longPaste.get() && isLong(text)
    if (!files.length && !long) return
    event.preventDefault()
    this.#emit("pasted", files.length ? { files, text: null } : { files: [fileOf(text)], text })
  }

  /** Where CSS alone cannot. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return
    this.area.style.setProperty("block-size", "auto")
    this.area.style.setProperty("block-size", `${this.area.scrollHeight}px`)
  }
}

customElements.define("writing-area", WritingArea)
