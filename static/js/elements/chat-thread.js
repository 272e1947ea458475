/** @file The messages of the chat in view. It follows what is written while the reader is at its end. */

import { Following } from "../dom/following.js"
import { h, icon } from "../dom/h.js"
import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Shown} Shown */
/** @typedef {import("./chat-message.js").ChatMessage} ChatMessage */

const SHOWN_AT_ONCE = 8 // messages from the end; older ones when they come near
const NEAR_MARGIN = "1200px"

export class ChatThread extends HTMLElement {
  #list = h("div", { class: "messages", role: "log", "aria-live": "off", "aria-label": t("thread.label"), tabindex: "-1" })
  #jump = h("button", { type: "button", class: "jump", hidden: true, onclick: () => this.#onJump() },
    icon("down"), t("thread.jump"))
  #following = new Following(this, this.#list, (away) => { this.#jump.hidden = !away })
  /** @type {Map<string, ChatMessage>} */
  #shown = new Map()
  /** @type {WeakMap<Element, () => void>} */
  #later = new WeakMap()
  #nearness = new IntersectionObserver((entries) => this.#showNear(entries),
    { root: this, rootMargin: NEAR_MARGIN })

  connectedCallback() {
    this.append(this.#list, this.#jump)
    this.#following.start()
    this.addEventListener("keydown", this.#onKey)
    addEventListener("beforeprint", this.#showAll)
  }

  disconnectedCallback() {
    removeEventListener("beforeprint", this.#showAll)
    this.#following.end()
    this.#nearness.disconnect()
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
    this.#following.hold()
  }

  /** @param {string} key of a message @returns {ChatMessage|undefined} */
  element(key) {
    return this.#shown.get(key)
  }

  /** Bring a message into view, and stay there. @param {string} key */
  reveal(key) {
    const element = this.#shown.get(key)
    if (!element) return
    this.#later.get(element)?.()
    element.scrollIntoView({ block: "start" })
    const article = element.querySelector("article")
    article?.focus({ preventScroll: true })
    this.#following.hold()
  }

  focus() {
    this.#list.focus({ preventScroll: true })
  }

  /** Go to the end, and follow it. */
  jump() {
    this.#following.jump()
  }

  /** Go to the end, and follow it until the last question is at the top. */
  jumpToStart() {
    this.#following.jump([.../** @type {NodeListOf<HTMLElement>} */ (this.#list.querySelectorAll('chat-message[data-role="user"]'))].at(-1))
  }

  /** @param {Shown} shown @param {number} index @param {boolean} now */
  #place(shown, index, now) {
    const { key, message, run, reply, siblings, last, unsent, fill, total, price, side = null, compared } = shown
    const known = this.#shown.get(key)
    const element = known ?? /** @type {ChatMessage} */ (document.createElement("chat-message"))
    if (!known) this.#shown.set(key, element)
    if (this.#list.children[index] !== element) this.#list.insertBefore(element, this.#list.children[index] ?? null)
    const { id, state, revision, edited } = message
    const version = [id, state, revision, edited, run?.asked, reply?.failed?.code, last, unsent, siblings, JSON.stringify([fill, total, price, side, compared])].join()
    if (known && element.dataset.version === version) return
    element.dataset.version = version
    element.dataset.role = message.role
    element.toggleAttribute("data-side", side !== null)
    if (now || run) this.#showNow(element, shown)
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

  /** At once: on a slow way up, messages that get their real height would lead it astray. @param {KeyboardEvent} event */
  #onKey = (event) => {
    if (event.key !== "Home" || event.target instanceof Element && event.target.closest("textarea, input")) return
    event.preventDefault()
    this.scrollTop = 0
  }

  /** The button goes, so the focus has to be somewhere else. */
  #onJump() {
    this.jump()
    this.focus()
  }
}

customElements.define("chat-thread", ChatThread)
