/** @file A question as it was typed, with its files and what can be done with it. */

import { copyButton } from "../dom/clipboard.js"
import { listItems } from "../dom/file-list.js"
import { h, iconButton } from "../dom/h.js"
import { emitter, menuButton, pager } from "../dom/message-tools.js"
import { t } from "../lib/t.js"

/** @typedef {import("../types.js").Shown} Shown */

export class UserMessage extends HTMLElement {
  #text = h("article", { class: "question", "aria-label": t("question.label"), dir: "auto", tabindex: "-1" })
  #files = h("ul", { class: "message-files", "aria-label": t("question.files"), hidden: true })
  #foot = h("div", { class: "message-foot question-foot", role: "group", "aria-label": t("question.actions") })
  #several = h("div", { class: "several-bar", role: "group", "aria-label": t("several.label"), hidden: true })
  #shown = ""

  connectedCallback() {
    if (!this.firstChild) this.append(this.#files, this.#text, this.#foot, this.#several)
  }

  /** @param {Shown} shown */
  show({ message, siblings, last, unsent, temporary, compared = null }) {
    const now = JSON.stringify([message.id, message.content, siblings, last, unsent, compared])
    if (now === this.#shown) return // the focus may be on one of its buttons
    this.#shown = now
    this.#text.textContent = message.content
    this.#text.hidden = !message.content
    const emit = emitter(this)
    this.#files.hidden = message.attachments.length === 0
    this.#files.replaceChildren(...listItems(message.attachments, emit))
    const answer = last && !unsent && h("button", {
      type: "button", class: "button", onclick: () => emit("again", { id: message.id }),
    }, t("answer.ask"))
    const edit = !unsent && iconButton("edit", t("message.edit"), () => emit("edit-message", { id: message.id }))
    const tools = [message.content && copyButton(t("question.copy"), () => message.content), edit,
      !unsent && !temporary && menuButton(message, emit), pager(message.id, siblings, "message", emit), answer]
    this.#several.hidden = !compared
    if (compared) this.#showSeveral(message.id, compared)
    this.#foot.replaceChildren(.../** @type {Node[]} */ (tools.filter(Boolean)))
  }

  /** @param {string} id @param {{id: string, ready: boolean}[]} answers */
  #showSeveral(id, answers) {
    const emit = emitter(this)
    const ready = answers.filter((one) => one.ready).map((one) => one.id)
    this.#several.replaceChildren(
      h("span", {}, t("several.count", { count: answers.length })),
      h("button", { type: "button", class: "button", disabled: ready.length < 2, onclick: () => emit("merge-answers", { answers: ready }) }, t("several.merge")),
      h("button", { type: "button", class: "button", onclick: () => emit("separate-answers", { id }) }, t("several.single")))
  }
}

customElements.define("user-message", UserMessage)
