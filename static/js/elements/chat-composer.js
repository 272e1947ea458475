/** @file Where a question is written. Emits `ask` with the text, and `stop`. */

import { h, icon } from "../dom/h.js"
import { keep, kept } from "../state/kept.js"

const DRAFT = "llmchat.draft."
const IN_COMPOSITION = 229 // keyCode of a key that an input method takes (isComposing is late in Safari)

export class ChatComposer extends HTMLElement {
  #chat = "new"
  #busy = false
  #text = h("textarea", {
    class: "composer-text", rows: "1", placeholder: "Ask anything", "aria-label": "Message",
    dir: "auto", enterkeyhint: "send", autocomplete: "off",
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event), oninput: () => this.#changed(),
  })
  #send = h("button", { type: "submit", class: "round-button", "aria-label": "Send", title: "Send" }, icon("send"))
  #stop = h("button", {
    type: "button", class: "round-button", "aria-label": "Stop", title: "Stop (Esc)", hidden: true,
    onclick: () => this.#emit("stop"),
  }, icon("stop"))
  #hint = h("p", { class: "composer-hint" }, "Models make mistakes. Check what matters.")

  connectedCallback() {
    this.append(h("form", { class: "composer", onsubmit: (/** @type {Event} */ event) => this.#submit(event) },
      this.#text, this.#send, this.#stop), this.#hint)
    this.#restore()
  }

  focus() {
    this.#text.focus()
  }

  /** The chat whose draft this is; "new" before there is one. @param {string} id */
  set chat(id) {
    if (id === this.#chat) return
    this.#chat = id
    this.#restore()
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
    this.#changed()
    this.#emit("ask", text)
  }

  /** @param {boolean} shown */
  #hintBusy(shown) {
    this.#hint.textContent = shown
      ? "The answer is still being written. Send this when it is complete, or stop it with Esc."
      : "Models make mistakes. Check what matters."
  }

  #changed() {
    const text = this.#text.value
    this.#send.disabled = !text.trim()
    this.#grow()
    keep(DRAFT + this.#chat, text || null)
  }

  /** Where CSS alone cannot. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return
    this.#text.style.setProperty("block-size", "auto")
    this.#text.style.setProperty("block-size", `${this.#text.scrollHeight}px`)
  }

  #restore() {
    this.#text.value = kept(DRAFT + this.#chat) ?? ""
    this.#send.disabled = !this.#text.value.trim()
    this.#grow()
  }

  /** @param {string} name @param {string} [detail] */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}

customElements.define("chat-composer", ChatComposer)
