/** @file What is set for the chat in view, and what will be sent for it. Loaded when it is first wanted. Emits `keep-preset`. */

import { h, iconButton } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { ApiError } from "../lib/api.js"
import { countOf } from "../lib/chat-settings.js"
import { inOneLine } from "../lib/problems.js"
import { problemsOf, rehearse } from "../lib/rehearsal.js"
import { t } from "../lib/t.js"
import { SentView } from "./sent-view.js"
import { SettingsForm } from "./settings-form.js"

/** @typedef {import("../lib/chat-settings.js").Settings} Settings @typedef {import("../types.js").Attachment} Attachment */
/** @typedef {{page: import("../state/page.js").Page, written: () => {content: string, attachments: Attachment[]}}} Of */

const PAUSE_MILLISECONDS = 350 // in typing, after which it is checked and saved

export class ChatSettingsDialog extends HTMLElement {
  #form = new SettingsForm()
  #sent = new SentView()
  #status = h("p", { class: "setup-status", role: "status" })
  #dialog = h("dialog", { class: "dialog settings-dialog setup-dialog", "aria-labelledby": "setup-title",
    onclick: (/** @type {Event} */ event) => this.#onOutside(event), onclose: () => this.#flush() },
    h("div", { class: "dialog-head" }, h("h2", { id: "setup-title", tabindex: "-1" }, t("setup.title")),
      iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    h("div", { class: "setup-body" }, this.#form, this.#sent),
    h("div", { class: "setup-foot" }, this.#status,
      h("button", { type: "button", class: "button", onclick: () => this.#reset() }, t("setup.reset")),
      h("button", { type: "button", class: "button", onclick: () => this.#keep() }, t("setup.keep"))))
  /** @type {Of|null} */
  #of = null
  #timer = 0
  #round = 0

  connectedCallback() {
    if (this.firstChild) return
    this.append(this.#dialog)
    this.#form.addEventListener("input", () => this.#onEdited())
  }

  /** @param {import("../state/page.js").Page} page @param {() => {content: string, attachments: Attachment[]}} written what stands in the composer */
  open(page, written) {
    if (this.#dialog.open) return
    this.#of = { page, written }
    this.#dialog.showModal()
    this.#fill()
    this.#dialog.querySelector("h2")?.focus()
    this.#status.textContent = ""
    this.#check()
  }

  #fill() {
    const page = this.#of?.page
    if (!page) return
    const models = page.catalogue.models.get()
    this.#form.show(page.settings.now.get(), models, page.catalogue.current(null)?.id ?? t("model.none"))
  }

  #onEdited() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#check(), PAUSE_MILLISECONDS)
  }

  /** What was just written is saved, too. */
  #flush() {
    if (this.#timer) this.#check()
  }

  /** Save what is written, unless something is wrong with it, and show what will be sent. */
  async #check() {
    clearTimeout(this.#timer)
    this.#timer = 0
    const round = ++this.#round
    const { settings, problems } = this.#form.read()
    if (Object.keys(problems).length) return this.#refuse(problems)
    try {
      const sent = await this.#rehearse(settings)
      if (round !== this.#round) return
      const changed = await this.#save(settings)
      this.#form.mark({})
      this.#sent.sent = sent
      if (changed || this.#status.textContent) this.#status.textContent = this.#holds()
    } catch (error) {
      if (round !== this.#round) return
      const found = error instanceof ApiError ? problemsOf(error.body) : {}
      this.#refuse(found, Object.keys(found).some(Boolean) ? "" : inOneLine(/** @type {ApiError} */ (error)))
    }
  }

  /** @param {Settings} settings */
  #rehearse(settings) {
    const { page, written } = /** @type {Of} */ (this.#of)
    const { content, attachments } = written()
    const question = { content: content.trim() ? content : t("sent.question"), attachments }
    return rehearse(page.conversation.chat, question, settings, settings.model ? null : page.catalogue.wanted(null))
  }

  /** @param {Settings} settings @returns {Promise<boolean>} whether they are others than before */
  async #save(settings) {
    const { page } = /** @type {Of} */ (this.#of)
    const before = page.settings.now.get()
    await page.settings.set(settings)
    return before !== page.settings.now.get()
  }

  #holds() {
    const chat = this.#of?.page.conversation.chat
    return t(chat?.tree.size ? "setup.saved" : "setup.first")
  }

  /** @param {Record<string, string>} problems @param {string} [why] */
  #refuse(problems, why = "") {
    this.#form.mark(problems)
    this.#sent.sent = null
    this.#status.textContent = why || t("setup.notSaved")
  }

  #reset() {
    const page = this.#of?.page
    if (!page) return
    this.#form.show({}, page.catalogue.models.get(), page.catalogue.current(null)?.id ?? t("model.none"))
    this.#status.textContent = this.#holds()
    this.#check()
  }

  #keep() {
    const { settings, problems } = this.#form.read()
    if (Object.keys(problems).length) return this.#refuse(problems)
    if (!countOf(settings)) return void (this.#status.textContent = t("setup.nothing"))
    this.#dialog.close()
    return emitter(this)("keep-preset", settings)
  }

  /** @param {Event} event */
  #onOutside({ target }) {
    if (target === this.#dialog) this.#dialog.close()
  }
}

customElements.define("chat-settings", ChatSettingsDialog)
