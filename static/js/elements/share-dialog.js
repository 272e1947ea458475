/** @file Makes links to copies of a chat, and shows those that lead to it. Loaded when it is first wanted. */

import { copyButton } from "../dom/clipboard.js"
import { row, select, toggle } from "../dom/fields.js"
import { h, iconButton } from "../dom/h.js"
import { style } from "../dom/style.js"
import { inOneLine } from "../lib/problems.js"
import { makeShare } from "../lib/shares-api.js"
import { learnMore, t } from "../lib/t.js"
import { ShareList } from "./share-list.js"

const DAYS = [1, 7, 30, 90]
const STANDARD_DAYS = "30"
const OF_THIS_COMPUTER = /^(localhost|.*\.localhost|127\.[\d.]+|\[::1\])$/

await Promise.all([learnMore("share"), style("shares")])

/** @typedef {import("../types.js").Item} Item */

export class ShareDialog extends HTMLElement {
  #title = h("h2", { id: "share-title", tabindex: "-1" })
  #days = select([...DAYS.map((count) => /** @type {[string, string]} */ ([String(count), t("share.days", { count })])), ["", t("share.never")]], () => {})
  #reasoning = toggle(() => {})
  #files = toggle(() => {})
  #make = h("button", { type: "submit", class: "button main-button" }, t("share.make"))
  #problem = h("p", { class: "share-problem", role: "alert" })
  #fresh = h("div", { class: "fresh-share", role: "group", "aria-labelledby": "fresh-share", tabindex: "-1", hidden: true })
  #list = new ShareList()
  #dialog = h("dialog", { class: "dialog share-dialog", "aria-labelledby": "share-title", onclick: (/** @type {Event} */ event) => this.#onOutside(event), onclose: () => this.#forget() },
    h("div", { class: "dialog-head" }, this.#title, iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    h("p", { class: "share-text" }, t("share.text")),
    OF_THIS_COMPUTER.test(location.hostname) && h("p", { class: "share-here" }, t("share.here", { host: location.host })),
    h("form", { onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) },
      row(t("share.expires"), t("share.expiresText"), this.#days),
      row(t("share.reasoning"), t("share.reasoningText"), this.#reasoning),
      row(t("share.files"), t("share.filesText"), this.#files),
      this.#problem, h("div", { class: "dialog-foot" }, this.#make)),
    this.#fresh, this.#list)
  #chat = ""

  connectedCallback() {
    if (!this.firstChild) this.append(this.#dialog)
  }

  /** @param {Item} chat */
  open({ id, title }) {
    this.#chat = id
    this.#title.textContent = t("share.title", { title })
    this.#days.value = STANDARD_DAYS
    this.#reasoning.checked = this.#files.checked = false
    this.#dialog.showModal()
    this.#dialog.scrollTop = 0
    this.#title.focus()
    this.#list.load(id)
  }

  /** A link is shown once. */
  #forget() {
    this.#fresh.hidden = true
    this.#fresh.replaceChildren()
    this.#problem.textContent = ""
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    if (this.#make.disabled) return
    this.#make.disabled = true // once is enough
    this.#forget()
    const chat = this.#chat
    const what = { expires_days: this.#days.value ? Number(this.#days.value) : null, reasoning: this.#reasoning.checked, files: this.#files.checked }
    try {
      const { path, token: _, ...share } = await makeShare(chat, what)
      if (this.#dialog.open && chat === this.#chat) this.#show(new URL(path, document.baseURI).href, share)
    } catch (error) {
      this.#problem.textContent = inOneLine(/** @type {Error} */ (error))
    }
    this.#make.disabled = false
  }

  /** @param {string} link @param {import("../lib/shares-api.js").Share} share */
  #show(link, share) {
    this.#fresh.replaceChildren(h("strong", { id: "fresh-share" }, t("share.fresh")), h("p", {}, t("share.once")),
      h("div", { class: "copied-link" }, h("code", { dir: "ltr" }, link), copyButton(t("share.copyLink"), () => link)))
    this.#fresh.hidden = false
    this.#list.add(share)
    this.#fresh.focus()
    this.#fresh.scrollIntoView({ block: "nearest" })
  }

  /** @param {Event} event */
  #onOutside({ target }) {
    if (target === this.#dialog) this.#dialog.close()
  }
}

customElements.define("share-dialog", ShareDialog)
