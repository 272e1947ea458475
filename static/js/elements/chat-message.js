/** @file One message: a question as it was typed, or an answer in any of its states. */

import { h } from "../dom/h.js"
import { MarkdownView } from "../dom/markdown-view.js"
import { Painter } from "../dom/painter.js"
import { emptyReply, isFinal } from "../lib/reply.js"
import { t } from "../lib/t.js"
import { ended, sections } from "../lib/tools.js"
import { wholeRuns, wholeText } from "../lib/whole.js"
import { AnswerEnd } from "./answer-end.js"
import { AnswerStatus } from "./answer-status.js"
import { OtherMessage } from "./other-message.js"
import { SideHead } from "./side-head.js"
import { ThoughtBlock } from "./thought-block.js"
import { UserMessage } from "./user-message.js"

/** @typedef {import("../types.js").Shown} Shown */
/** @typedef {import("../state/run.js").Run} Run */

/** @type {Record<import("../types.js").Message["role"], import("../lib/t.js").Plain>} */
const LABELS = { user: "question.label", assistant: "answer.label", system: "message.system", tool: "message.tool" }

export class ChatMessage extends HTMLElement {
  #reply = emptyReply()
  /** @type {Shown|null} */
  #shown = null
  /** @type {Run|null} */
  #run = null
  #bare = false // only its text is there
  #painter = new Painter(() => this.#paint())
  #content = h("div", { class: "prose", dir: "auto" })
  #view = new MarkdownView(this.#content)
  /** Loaded with the first call of a tool. @type {import("./tool-steps.js").ToolSteps|null} */
  #steps = null
  #thoughts = new ThoughtBlock()
  #status = new AnswerStatus()
  #end = new AnswerEnd()
  #side = new SideHead()
  /** @type {import("./message-editor.js").MessageEditor|null} */
  #editor = null

  disconnectedCallback() {
    this.#follow(null)
    this.#painter.cancel()
  }

  /** @param {Shown} shown */
  show(shown) {
    this.#shown = shown
    if (this.#editor) return // what is being typed stays
    if (this.#bare) this.#unwrap()
    if (shown.message.role !== "assistant") return this.#showOther(shown)
    if (!this.#content.isConnected) this.#build(shown)
    this.#reply = shown.run?.reply ?? shown.reply ?? this.#reply
    this.#side.show(shown)
    this.#follow(shown.run)
    this.#painter.flush()
  }

  /** Only its text, where it is not shown yet: two nodes are enough to be found, printed and read aloud. @param {Shown} shown */
  showText({ message: { role, content } }) {
    if (this.firstElementChild) return
    this.#bare = true
    const attributes = { class: "bare", dir: "auto", role: "article", "aria-label": t(LABELS[role]) }
    for (const [name, value] of Object.entries(attributes)) this.setAttribute(name, value)
    this.textContent = content
  }

  /** Change its text in its place, in what is loaded when it is first wanted. */
  async edit() {
    const loaded = await import("./message-editor.js").catch(() => null)
    if (!loaded) return void this.dispatchEvent(new CustomEvent("notice", { bubbles: true, detail: t("api.offline") }))
    if (this.#editor || !this.#shown) return // it was asked for twice
    const { message, temporary } = this.#shown
    this.#editor = new loaded.MessageEditor(message, temporary)
    this.#editor.addEventListener("close", () => this.#endEdit())
    const article = /** @type {HTMLElement} */ (this.firstElementChild)
    article.hidden = true
    this.append(this.#editor)
    this.#editor.focus()
  }

  /** The answer as it is shown, without its thoughts. */
  get prose() {
    const proses = this.#steps?.proses ?? []
    return proses.length ? h("div", {}, ...[this.#content, ...proses].map((one) => one.cloneNode(true))) : this.#content
  }

  #unwrap() {
    this.#bare = false
    for (const name of ["class", "dir", "role", "aria-label"]) this.removeAttribute(name)
    this.replaceChildren()
  }

  #endEdit() {
    this.#editor?.remove()
    this.#editor = null
    const article = /** @type {HTMLElement} */ (this.firstElementChild)
    article.hidden = false
    if (this.#shown) this.show(this.#shown)
    const more = this.querySelector("[data-menu]")
    if (more instanceof HTMLElement) more.focus({ preventScroll: true })
  }

  /** @param {Shown} shown */
  #showOther(shown) {
    const known = /** @type {UserMessage|OtherMessage|null} */ (this.firstElementChild)
    const element = known ?? (shown.message.role === "user" ? new UserMessage() : new OtherMessage())
    if (!known) this.append(element)
    element.show(shown)
  }

  /** @param {Shown} shown */
  #build({ message }) {
    const label = t(message.parameters.compact ? "summary.label" : "answer.label")
    this.replaceChildren(h("article", { class: "answer", "aria-label": label, tabindex: "-1" },
      this.#side, this.#thoughts, this.#content, this.#status, this.#end))
  }

  /** @param {Run|null} run */
  #follow(run) {
    this.#run?.removeEventListener("change", this.#onChange)
    run?.addEventListener("change", this.#onChange)
    this.#run = run
    this.#status.follow(run)
  }

  /** Its end is shown by `show`. */
  #onChange = () => {
    this.#reply = /** @type {Run} */ (this.#run).reply
    if (!isFinal(this.#reply)) this.#painter.request()
  }

  #paint() {
    const running = this.#run !== null
    this.toggleAttribute("data-running", running)
    this.#paintText(running)
    this.#thoughts.show(this.#reply, running)
    this.#status.paint()
    this.#end.hidden = running
    if (!running && this.#shown) this.#end.show(this.#reply, this.#shown)
  }

  /** @param {boolean} running */
  #paintText(running) {
    const text = wholeText(this.#reply)
    const runs = wholeRuns(this.#reply)
    if (runs.length && !this.#steps) this.#loadSteps()
    const [first, ...rest] = sections(text, !this.#steps ? [] : running ? runs : ended(runs))
    if (running && !rest.length) this.#view.show(first.text)
    else this.#view.finish(first.text)
    this.#steps?.show(rest, this.#run?.job ?? null)
  }

  async #loadSteps() {
    const loaded = await import("./tool-steps.js").catch(() => null) // then the text is there without them
    if (!loaded || this.#steps) return
    this.#steps = new loaded.ToolSteps()
    this.#content.after(this.#steps)
    this.#painter.request()
  }
}

customElements.define("chat-message", ChatMessage)
