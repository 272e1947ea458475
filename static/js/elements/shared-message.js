/** @file A question or an answer of a copy of a chat: to be read, not to be changed. */

import { copyButton } from "../dom/clipboard.js"
import { h, icon } from "../dom/h.js"
import { MarkdownView } from "../dom/markdown-view.js"
import { isPicture } from "../lib/files.js"
import { emptyReply } from "../lib/reply.js"
import { t } from "../lib/t.js"
import { fileSize } from "../lib/words.js"
import { ThoughtBlock } from "./thought-block.js"

/** @typedef {import("../lib/shares-api.js").SharedMessage} Message @typedef {import("../lib/shares-api.js").SharedFile} File */

export class SharedMessage extends HTMLElement {
  /** @param {Message} message @param {string} path of the page, below which its files are */
  show(message, path) {
    this.dataset.role = message.role
    if (message.role === "user") this.#showQuestion(message, path)
    else this.#showAnswer(message)
  }

  /** @param {Message} message @param {string} path */
  #showQuestion({ content, files, withheld }, path) {
    const parts = [
      files.length && h("ul", { class: "message-files", "aria-label": t("question.files") }, ...files.map((one) => item(one, `${path}/files/${one.number}`))),
      content && h("article", { class: "question", "aria-label": t("share.question"), dir: "auto" }, content),
      withheld && h("p", { class: "shared-note shared-withheld" }, t("share.withheld", { count: withheld })),
    ]
    this.replaceChildren(.../** @type {Node[]} */ (parts.filter(Boolean)))
  }

  /** @param {Message} message */
  #showAnswer({ content, reasoning, thinking_seconds: seconds, model, state }) {
    const prose = h("div", { class: "prose", dir: "auto" })
    const thoughts = new ThoughtBlock()
    const note = !content ? t("share.empty") : state === "done" ? "" : t("share.cut")
    const article = h("article", { class: "answer", "aria-label": model ? t("share.model", { model }) : t("answer.label") },
      reasoning && thoughts, prose,
      note && h("p", { class: "shared-note" }, note),
      h("p", { class: "shared-by" }, content && copyButton(t("answer.copy"), () => content), model && h("span", { dir: "auto" }, model)))
    this.replaceChildren(article)
    new MarkdownView(prose).finish(content)
    thoughts.show({ ...emptyReply(), content, reasoning, thoughtSeconds: seconds }, false)
  }
}

/** Pictures are shown, and open in a tab of their own. @param {File} file @param {string} href */
function item({ name, type, size }, href) {
  if (isPicture(type)) {
    const image = h("img", { src: href, alt: "", decoding: "async" })
    const shown = h("li", { class: "picture-item" }, h("a", { href, target: "_blank", rel: "noopener noreferrer", class: "picture-button", "aria-label": t("files.look", { name }), title: name }, image))
    image.onerror = () => shown.replaceWith(h("li", {}, icon("file"), h("span", { dir: "auto" }, name), h("small", {}, t("files.gone"))))
    return shown
  }
  return h("li", {}, icon("file"), h("a", { href, download: name, dir: "auto" }, name), h("small", {}, fileSize(size)))
}

customElements.define("shared-message", SharedMessage)
