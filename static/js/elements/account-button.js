/** @file Who is signed in, in the corner of the chats, and the menu of that account. Loaded where there are accounts. Emits `open-settings`. */

import { h } from "../dom/h.js"
import { onMenuKey } from "../dom/menu.js"
import { style } from "../dom/style.js"
import { session, signOut } from "../lib/session-api.js"
import { inOneLine } from "../lib/problems.js"
import { learnMore, t } from "../lib/t.js"
import { beginAs, forgetAccount, isOwn, watchAccount } from "../state/signed-in.js"

/** @typedef {import("../lib/session-api.js").SessionState} SessionState @typedef {import("../lib/session-api.js").Account} Account */

const GAP_PIXELS = 4
const AGAIN_SECONDS = 3

await Promise.all([learnMore("access"), style("account")])

export class AccountButton extends HTMLElement {
  #letter = h("span", { class: "account-letter", "aria-hidden": "true" })
  #button = h("button", { type: "button", class: "icon-button account-button", popovertarget: "account-menu", "aria-haspopup": "menu", "aria-expanded": "false" }, this.#letter)
  #panel = h("div", { class: "panel account-panel", id: "account-menu", popover: true, role: "menu",
    onkeydown: (/** @type {KeyboardEvent} */ event) => onMenuKey(event, this.#items, () => this.#panel.hidePopover()),
    ontoggle: (/** @type {Event} */ event) => this.#onToggle(/** @type {ToggleEvent} */ (event)) })
  #end = () => {}

  connectedCallback() {
    this.#end = watchAccount((id) => this.#onOther(id))
    this.addEventListener("account-changed", (event) => this.#name(/** @type {CustomEvent<Account>} */ (event).detail))
    this.#load()
  }

  disconnectedCallback() {
    this.#end()
  }

  async #load() {
    const state = await session().catch(() => null)
    if (!state) return void setTimeout(() => this.#load(), AGAIN_SECONDS * 1000)
    if (!state.account) return // the page is asking for it already
    beginAs(state.account)
    this.#show(state, state.account)
  }

  /** Another tab has signed in somebody else, or signed out: nothing of the one before may be seen or sent. @param {string|null} id */
  #onOther(id) {
    if (id === null || !isOwn({ id })) location.replace(location.pathname)
  }

  /** @param {SessionState} state @param {Account} account */
  #show({ signed_in }, account) {
    this.#panel.replaceChildren(
      h("div", { class: "account-head", role: "presentation" }, h("strong", { dir: "auto" }), h("small", {}, t(`role.${account.role}`))),
      this.#item(t("account.title"), () => this.#open("account")),
      ...account.role === "admin" ? [this.#item(t("users.title"), () => this.#open("users"))] : [],
      ...signed_in ? [this.#item(t("account.signOut"), () => this.#leave())] : [])
    this.#name(account)
    if (!this.firstChild) this.append(this.#button, this.#panel)
  }

  /** @param {Account} account */
  #name({ name }) {
    const shown = name || t("account.computer")
    const label = t("account.of", { name: shown })
    this.#letter.textContent = [...shown][0].toLocaleUpperCase()
    this.#button.title = label
    this.#button.setAttribute("aria-label", label)
    this.#panel.setAttribute("aria-label", label)
    const head = this.#panel.querySelector("strong")
    if (head) head.textContent = shown
  }

  get #items() {
    return [...this.#panel.querySelectorAll("button")]
  }

  /** @param {string} label @param {() => void} deed */
  #item(label, deed) {
    return h("button", { type: "button", role: "menuitem", class: "menu-item", tabindex: "-1", onclick: () => [this.#panel.hidePopover(), deed()] }, label)
  }

  /** @param {"account"|"users"} section */
  #open(section) {
    this.dispatchEvent(new CustomEvent("open-settings", { detail: section, bubbles: true }))
  }

  async #leave() {
    try {
      await signOut()
    } catch (error) {
      return void this.dispatchEvent(new CustomEvent("notice", { detail: inOneLine(/** @type {Error} */ (error)), bubbles: true }))
    }
    forgetAccount()
    location.replace(location.pathname)
  }

  /** @param {ToggleEvent} event */
  #onToggle({ newState }) {
    this.#button.setAttribute("aria-expanded", String(newState === "open"))
    if (newState !== "open") return
    const { left, right, top } = this.#button.getBoundingClientRect()
    const end = this.matches(":dir(rtl)") ? left : innerWidth - right
    const room = innerWidth - this.#panel.offsetWidth - GAP_PIXELS
    this.#panel.style.setProperty("inset-block-end", `${innerHeight - top + GAP_PIXELS}px`)
    this.#panel.style.setProperty("inset-inline-end", `${Math.max(GAP_PIXELS, Math.min(end, room))}px`)
    this.#items[0]?.focus()
  }
}

customElements.define("account-button", AccountButton)
