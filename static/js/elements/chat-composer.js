/** @file Where a question is written. Emits `ask` with the text, `stop`, and `edit-last`. */

import { h, icon } from "../dom/h.js"
import { t } from "../lib/t.js"
import { draftOf, keepDraft } from "../state/drafts.js"

const HINT = t("composer.hint")
const BUSY_HINT = t("composer.busy")
const TEMPORARY_HINT = t("composer.temporary")
const IN_COMPOSITION = 229 // keyCode of a key that an input method takes (isComposing is late in Safari)

export class ChatComposer extends HTMLElement {
  #chat = /** @type {string|null} */ ("new")
  #busy = false
  #text = h("textarea", {
    class: "composer-text", rows: "1", placeholder: t("composer.placeholder"), "aria-label": t("composer.label"),
    dir: "auto", enterkeyhint: "send", autocomplete: "off",
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event), oninput: () => this.#changed(),
  })
  #send = h("button", { type: "submit", class: "round-button", "aria-label": t("composer.send"), title: t("composer.send") }, icon("send"))
  #stop = h("button", {
    type: "button", class: "round-button", "aria-label": t("composer.stop"), title: t("composer.stopKey"), hidden: true,
    onclick: () => this.#emit("stop"),
  }, icon("stop"))
  #hint = h("p", { class: "composer-hint" }, HINT)

  connectedCallback() {
    this.append(h("form", { class: "composer", onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
      this.#text, this.#send, this.#stop), this.#hint)
    this.#restore()
  }

  focus() {
    this.#text.focus()
  }

  /** The chat whose draft this is; "new" before there is one, null where none is kept. @param {string|null} id */
  set chat(id) {
    if (id === this.#chat) return
    this.#chat = id
    this.#restore()
    this.#hintBusy(false)
  }

  /** A question was taken: until then it is kept as a draft. @param {string} from the chat that it was asked in @param {string} to that chat, as it is called now @param {string} text */
  settle(from, to, text) {
    if (draftOf(from) === text) keepDraft(from, "")
    if (this.#chat !== from) return
    if (from !== to) keepDraft(from, "")
    this.#chat = to
    if (this.#text.value === text) this.#text.value = ""
    this.#changed()
  }

  /** While an answer is being written, the button stops it; typing goes on. @param {boolean} busy */
  set busy(busy) {
    const held = document.activeElement === (busy ? this.#send : this.#stop)
    this.#busy = busy
    this.#stop.hidden = !busy
    this.#send.hidden = busy
    if (held) this.focus()
    this.#hintBusy(false)
  }

  get text() {
    return this.#text.value
  }

  set text(text) {
    this.#text.value = text
    this.#changed()
    this.focus()
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const composing = event.isComposing || event.keyCode === IN_COMPOSITION
    if (event.key === "ArrowUp" && !this.#text.value && !composing) return this.#emit("edit-last")
    if (event.key !== "Enter" || event.shiftKey || composing) return
    if (matchMedia("(pointer: coarse)").matches && !event.ctrlKey && !event.metaKey) return
    this.#submit(event)
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault()
    const text = this.#text.value
    if (!text.trim()) return
    if (this.#busy) return this.#hintBusy(true)
    this.#text.value = ""
    this.#show()
    this.#emit("ask", text)
  }

  /** @param {boolean} shown */
  #hintBusy(shown) {
    const hint = this.#chat === null ? TEMPORARY_HINT : HINT
    this.#hint.textContent = shown ? BUSY_HINT : hint
  }

  #changed() {
    this.#show()
    if (this.#chat !== null) keepDraft(this.#chat, this.#text.value)
  }

  #show() {
    this.#send.disabled = !this.#text.value.trim()
    this.#grow()
  }

  /** Where CSS alone cannot. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return
    this.#text.style.setProperty("block-size", "auto")
    this.#text.style.setProperty("block-size", `${this.#text.scrollHeight}px`)
  }

  #restore() {
    this.#text.value = this.#chat === null ? "" : draftOf(this.#chat)
    this.#show()
  }

  /** @param {string} name @param {string} [detail] */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}

customElements.define("chat-composer", ChatComposer)
