/** @file Changes the text of a message in its place. Emits `save-edit` and `send-edit`, and `close`. */

import { h } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { t } from "../lib/t.js"
import { EditedFiles } from "./edited-files.js"

/** @typedef {import("../types.js").Message} Message */

export class MessageEditor extends HTMLElement {
  #busy = false

  /** @param {Message} message @param {boolean} temporary */
  constructor(message, temporary) {
    super()
    this.message = message
    this.isQuestion = message.role === "user"
    this.temporary = temporary
    this.text = this.#area(message.content, this.isQuestion ? t("question.label") : t("editor.answer"))
    this.files = new EditedFiles(message.attachments)
    this.thoughts = message.reasoning ? this.#area(message.reasoning, t("editor.thoughts")) : null
  }

  connectedCallback() {
    if (this.firstChild) return
    this.append(h("form", {
      class: "message-editor", onsubmit: (/** @type {Event} */ event) => this.#submit(event),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
    }, this.files, ...this.#fields(), h("p", { class: "editor-hint" }, this.#hint()), h("div", { class: "editor-foot" },
      this.#button(t("dialog.cancel"), () => this.#close()),
      this.#button(t("editor.save"), () => this.#save()),
      this.isQuestion && h("button", { type: "submit", class: "button main-button" }, t("composer.send")))))
    for (const area of this.querySelectorAll("textarea")) grow(area)
  }

  focus() {
    this.text.focus()
    this.text.setSelectionRange(this.text.value.length, this.text.value.length)
  }

  #fields() {
    if (!this.thoughts) return [this.text]
    return [h("label", { class: "editor-label" }, t("editor.thoughts"), this.thoughts), h("label", { class: "editor-label" }, t("editor.text"), this.text)]
  }

  #hint() {
    return this.isQuestion
      ? t("editor.hintQuestion")
      : t("editor.hintAnswer")
  }

  /** @param {string} value @param {string} label */
  #area(value, label) {
    const area = h("textarea", {
      class: "editor-text", dir: "auto", "aria-label": label, rows: "2",
      oninput: () => grow(area),
    })
    area.value = value
    return area
  }

  /** @param {string} label @param {() => void} onclick */
  #button(label, onclick) {
    return h("button", { type: "button", class: "button", onclick }, label)
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.isComposing) return
    if (event.key === "Escape" && !event.shiftKey) {
      event.stopPropagation() // it would stop an answer
      this.#close()
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.#submit(event)
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault()
    if (!this.isQuestion) return this.#save()
    if (!this.text.value.trim() && !this.files.kept.length) return
    const emit = emitter(this.parentElement ?? this)
    this.#close()
    emit("send-edit", { id: this.message.id, content: this.text.value, attachments: this.files.kept })
  }

  /** It stays open until that is done. */
  #save() {
    if (this.#busy) return
    const content = this.text.value
    const reasoning = this.thoughts?.value
    const changes = {
      ...content !== this.message.content && { content },
      ...reasoning !== undefined && reasoning !== this.message.reasoning && { reasoning },
    }
    if (!Object.keys(changes).length) return this.#close()
    this.#busy = true
    const done = (/** @type {boolean} */ well) => {
      this.#busy = false
      if (well) this.#close()
    }
    emitter(this)("save-edit", { id: this.message.id, changes, done })
  }

  #close() {
    this.dispatchEvent(new Event("close"))
  }
}

/** Where CSS alone cannot. @param {HTMLTextAreaElement} area */
function grow(area) {
  if (CSS.supports("field-sizing", "content")) return
  area.style.setProperty("block-size", "auto")
  area.style.setProperty("block-size", `${area.scrollHeight}px`)
}

customElements.define("message-editor", MessageEditor)
