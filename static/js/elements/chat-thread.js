/** @file The messages of the chat in view. It follows what is written while the reader is at its end. */

import { h, icon } from "../dom/h.js"

/** @typedef {import("../types.js").Message} Message */
/** @typedef {import("./chat-message.js").ChatMessage} ChatMessage */
/** @typedef {import("../state/run.js").Run} Run */

const NEAR_PIXELS = 32
const SHOWN_AT_ONCE = 8 // messages from the end; older ones when they come near
const NEAR_MARGIN = "1200px"

export class ChatThread extends HTMLElement {
  #list = h("div", { class: "messages", role: "log", "aria-live": "off", "aria-label": "Messages", tabindex: "-1" })
  #jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.#onJump() },
    icon("down"), "Jump to latest")
  #following = true
  #top = 0
  /** @type {Map<string, ChatMessage>} */
  #shown = new Map()
  /** @type {WeakMap<Element, () => void>} */
  #later = new WeakMap()
  #growth = new ResizeObserver(() => this.#keepUp())
  #nearness = new IntersectionObserver((entries) => this.#showNear(entries),
    { root: this, rootMargin: NEAR_MARGIN })

  connectedCallback() {
    this.append(this.#list, this.#jump)
    this.addEventListener("scroll", this.#onScroll, { passive: true })
    this.#growth.observe(this.#list)
    this.#growth.observe(this)
  }

  disconnectedCallback() {
    this.#growth.disconnect()
    this.#nearness.disconnect()
    this.removeEventListener("scroll", this.#onScroll)
  }

  clear() {
    this.#shown.clear()
    this.#nearness.disconnect()
    this.#list.replaceChildren()
    this.jump()
  }

  /** Show these messages: elements that are there already stay. @param {Message[]} messages @param {Run|null} run of the last answer */
  show(messages, run) {
    const ids = new Set(messages.map((one) => one.id))
    for (const [id, element] of this.#shown) {
      if (ids.has(id)) continue
      element.remove()
      this.#nearness.unobserve(element)
      this.#shown.delete(id)
    }
    messages.forEach((message, index) => {
      const mine = run?.answer.id === message.id ? run : null
      this.#place(message, mine, messages.length - index <= SHOWN_AT_ONCE)
    })
  }

  focus() {
    this.#list.focus({ preventScroll: true })
  }

  /** Go to the end, and follow it. */
  jump() {
    this.#following = true
    this.#keepUp()
  }

  /** @param {Message} message @param {Run|null} run @param {boolean} now */
  #place(message, run, now) {
    const known = this.#shown.get(message.id)
    const element = known ?? /** @type {ChatMessage} */ (document.createElement("chat-message"))
    const version = message.role === "user" ? "" : `${message.key} ${run !== null} ${message.reply.last}`
    if (known && element.dataset.version === version) return
    element.dataset.version = version
    if (!known) this.#add(message.id, element)
    if (now || message.role === "user") this.#showNow(element, message, run)
    else this.#defer(element, message, run)
  }

  /** @param {string} id @param {ChatMessage} element */
  #add(id, element) {
    this.#shown.set(id, element)
    this.#list.append(element)
  }

  /** @param {ChatMessage} element @param {Message} message @param {Run|null} run */
  #showNow(element, message, run) {
    this.#nearness.unobserve(element)
    element.show(message, run)
  }

  /** Until it comes near, its bare text is enough to be found, printed and read aloud. @param {ChatMessage} element @param {Message} message @param {Run|null} run */
  #defer(element, message, run) {
    element.showText(message)
    this.#later.set(element, () => element.show(message, run))
    this.#nearness.observe(element)
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #showNear(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue
      this.#nearness.unobserve(target)
      this.#later.get(target)?.()
    }
  }

  /** The button goes, so the focus has to be somewhere else. */
  #onJump() {
    this.jump()
    this.focus()
  }

  #keepUp() {
    if (this.#following) this.scrollTop = this.scrollHeight
    this.#top = this.scrollTop
    this.#showJump()
  }

  /** Only a move upwards is the reader's wish to stay: growth alone never moves the view. */
  #onScroll = () => {
    const near = this.#distance <= NEAR_PIXELS
    if (near) this.#following = true
    else if (this.scrollTop < this.#top) this.#following = false
    this.#top = this.scrollTop
    this.#showJump()
  }

  get #distance() {
    return this.scrollHeight - this.scrollTop - this.clientHeight
  }

  #showJump() {
    this.#jump.hidden = this.#following || this.#distance <= NEAR_PIXELS
  }
}

customElements.define("chat-thread", ChatThread)
