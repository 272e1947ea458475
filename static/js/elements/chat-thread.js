/** @file The messages of the chat in view. It follows what is written while the reader is at its end. */

import { h, icon } from "../dom/h.js"
import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Shown} Shown */
/** @typedef {import("./chat-message.js").ChatMessage} ChatMessage */

const NEAR_PIXELS = 32
const SHOWN_AT_ONCE = 8 // messages from the end; older ones when they come near
const NEAR_MARGIN = "1200px"

export class ChatThread extends HTMLElement {
  #list = h("div", { class: "messages", role: "log", "aria-live": "off", "aria-label": t("thread.label"), tabindex: "-1" })
  #jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.#onJump() },
    icon("down"), t("thread.jump"))
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
    addEventListener("beforeprint", this.#showAll)
    this.#growth.observe(this.#list)
    this.#growth.observe(this)
  }

  disconnectedCallback() {
    removeEventListener("beforeprint", this.#showAll)
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

  /** Show this branch: elements that are there already stay. @param {Shown[]} branch */
  show(branch) {
    const keys = new Set(branch.map((one) => one.key))
    for (const [key, element] of this.#shown) {
      if (keys.has(key)) continue
      element.remove()
      this.#nearness.unobserve(element)
      this.#shown.delete(key)
    }
    branch.forEach((one, index) => this.#place(one, index, branch.length - index <= SHOWN_AT_ONCE))
  }

  /** Stay where the reader is, whatever comes. */
  hold() {
    this.#following = false
  }

  /** @param {string} key of a message @returns {ChatMessage|undefined} */
  element(key) {
    return this.#shown.get(key)
  }

  /** Bring a message into view, and stay there. @param {string} key */
  reveal(key) {
    const element = this.#shown.get(key)
    if (!element) return
    this.#following = false
    this.#later.get(element)?.()
    element.scrollIntoView({ block: "start" })
    const article = element.querySelector("article")
    article?.focus({ preventScroll: true })
    this.#top = this.scrollTop
    this.#showJump()
  }

  focus() {
    this.#list.focus({ preventScroll: true })
  }

  /** Go to the end, and follow it. */
  jump() {
    this.#following = true
    this.#keepUp()
  }

  /** @param {Shown} shown @param {number} index @param {boolean} now */
  #place(shown, index, now) {
    const { key, message, run, reply, siblings, last, unsent } = shown
    const known = this.#shown.get(key)
    const element = known ?? /** @type {ChatMessage} */ (document.createElement("chat-message"))
    if (!known) this.#shown.set(key, element)
    if (this.#list.children[index] !== element) this.#list.insertBefore(element, this.#list.children[index] ?? null)
    const { id, state, revision, edited } = message
    const version = [id, state, revision, edited, run?.asked, reply?.failed?.code, last, unsent, siblings].join()
    if (known && element.dataset.version === version) return
    element.dataset.version = version
    if (now || message.role !== "assistant" || run) this.#showNow(element, shown)
    else this.#defer(element, shown)
  }

  /** @param {ChatMessage} element @param {Shown} shown */
  #showNow(element, shown) {
    this.#nearness.unobserve(element)
    this.#later.delete(element)
    element.show(shown)
  }

  /** Until it comes near, its bare text is enough to be found, printed and read aloud. @param {ChatMessage} element @param {Shown} shown */
  #defer(element, shown) {
    element.showText(shown)
    this.#later.set(element, () => element.show(shown))
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

  /** Paper has no reader to come near. */
  #showAll = () => {
    for (const element of this.#shown.values()) this.#later.get(element)?.()
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
