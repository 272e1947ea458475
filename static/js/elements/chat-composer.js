/** @file Where a message is written. Emits `ask` with it or, while an answer is being written, `queue`; `stop` and `edit-last`. */

import { h } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { redrawn } from "../dom/pictures.js"
import { LIMITS } from "../lib/files.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { DraftTrays } from "../state/draft-trays.js"
import { draftOf, keepDraft } from "../state/drafts.js"
import { keepDraftFiles } from "../state/draft-files.js"
import { remember } from "../state/inputs.js"
import { ComposerButtons } from "./composer-buttons.js"
import { ComposerMenu } from "./composer-menu.js"
import { FileTray } from "./file-tray.js"
import { PromptList } from "./prompt-list.js"
import { WritingArea } from "./writing-area.js"

/** @typedef {{content: string, attachments: import("../types.js").Attachment[]}} Written */

export class ChatComposer extends HTMLElement {
  #chat = /** @type {string|null} */ ("new")
  #busy = false
  #limits = LIMITS
  #trays = new DraftTrays(() => this.#limits, redrawn)
  #files = this.#trays.of("new")
  #stopWatching = () => {}
  #tray = new FileTray()
  #text = new WritingArea()
  #prompts = new PromptList(this.#text)
  #buttons = new ComposerButtons()
  #hint = h("p", { class: "composer-hint" })
  #emit = emitter(this)

  connectedCallback() {
    this.append(h("form", { class: "composer", onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) },
      this.#prompts, this.#tray, h("div", { class: "composer-start" }, new ComposerMenu()), this.#text, this.#buttons), this.#hint)
    /** @type {Record<string, (detail: any) => void>} */
    const reactions = {
      written: () => this.#changed(), send: () => this.#submit(), "tray-empty": () => this.focus(),
      "files-chosen": (files) => this.attach(files), pasted: ({ files, text }) => this.attach(files, text),
      "tray-text": (text) => [this.#text.insert(text), this.focus()],
    }
    for (const [name, react] of Object.entries(reactions)) {
      this.addEventListener(name, (event) => react(/** @type {CustomEvent} */ (event).detail))
    }
    this.#trays.addEventListener("refused", (event) => this.#emit("notice", /** @type {CustomEvent} */ (event).detail))
    this.#restore()
  }

  /** @param {import("../state/catalogue.js").Catalogue} catalogue */
  watch(catalogue) {
    effect(() => {
      this.#limits = catalogue.models.get().attachments ?? LIMITS
      const model = catalogue.current()
      this.#tray.blind.set(model?.capabilities?.vision === false ? model.id : null)
    })
  }

  /** The switch of the tools is loaded where there are any. @param {{get: () => import("../state/tools.js").Tools|null}} found */
  watchTools(found) {
    effect(async () => {
      const tools = found.get()
      const loaded = tools && await import("./tool-switch.js").catch(() => null)
      if (!loaded) return
      const element = new loaded.ToolSwitch()
      this.querySelector(".composer-start")?.append(element)
      element.watch(tools)
    })
  }

  focus() {
    this.#text.focus()
  }

  /** The chat whose draft this is; "new" before there is one, null where none is kept. @param {string|null} id */
  set chat(id) {
    if (id === this.#chat) return
    this.#chat = id
    this.#restore()
  }

  /** A message was taken: until then it is kept as a draft. @param {string} from the chat that it was asked in @param {string} to that chat, as it is called now @param {Written} written */
  settle(from, to, { content, attachments }) {
    if (draftOf(from) === content) keepDraft(from, "")
    this.#trays.settle(from, attachments)
    this.#trays.rename(from, to)
    if (this.#chat !== from) return
    if (from !== to) keepDraft(from, "")
    this.#chat = to
    this.#prompts.mayCompact = true
    if (this.#text.value === content) this.#text.value = ""
    this.#changed()
  }

  /** While an answer is being written, one button stops it and the other one queues the next message. @param {boolean} busy */
  set busy(busy) {
    this.#busy = busy
    this.#show()
  }

  /** What would be sent now. @returns {Written} */
  get written() {
    return { content: this.#text.value, attachments: this.#files.stored }
  }

  get text() {
    return this.#text.value
  }

  set text(text) {
    this.#text.value = text
    this.#changed()
    this.focus()
  }

  /** Write on with a message that was not sent, before what is written already. @param {Written} written */
  take({ content, attachments }) {
    this.#files.put(attachments)
    this.text = [content, this.text].filter(Boolean).join("\n\n")
  }

  /** @param {File[]} files @param {string|null} [text] that they were made of */
  attach(files, text = null) {
    if (this.#chat === null) this.#emit("notice", t("files.temporary"))
    else this.#files.add(files, text)
    this.focus()
  }

  /** @param {Event} event */
  #onSubmit(event) {
    event.preventDefault()
    this.#submit()
  }

  #submit() {
    const { stored, isReady, hasFailed } = this.#files
    const content = this.#text.value
    if (!content.trim() && !this.#files.now.length) return
    if (!isReady) return this.#emit("notice", t(hasFailed ? "files.notSent" : "files.wait"))
    const isNext = this.#busy
    this.#text.value = ""
    this.#files.set([])
    if (this.#chat !== null) remember(content)
    this.#emit(isNext ? "queue" : "ask", { content, attachments: stored })
    if (isNext) this.#changed() // it is kept elsewhere now
    else this.#show()
  }

  #changed() {
    this.#show()
    if (this.#chat === null) return
    keepDraft(this.#chat, this.#text.value)
    keepDraftFiles(this.#chat, this.#files.stored)
  }

  #show() {
    const nothing = !this.#text.value.trim() && !this.#files.now.length
    this.#hint.textContent = this.#chat === null ? t("composer.temporary") : t("composer.hint")
    if (this.#buttons.show(this.#busy, nothing)) this.focus()
  }

  #restore() {
    this.#prompts.mayCompact = this.#chat !== null && this.#chat !== "new"
    this.#text.mayAttach = this.#chat !== null
    this.#text.value = this.#chat === null ? "" : draftOf(this.#chat)
    this.#files = this.#trays.of(this.#chat)
    this.#tray.watch(this.#files)
    this.#stopWatching()
    this.#stopWatching = effect(() => { this.#files.all.get(); this.#show() })
  }
}

customElements.define("chat-composer", ChatComposer)
