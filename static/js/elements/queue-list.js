/** @file The messages that wait until the answer is complete. Emits `queue-now`, `queue-edit` and `queue-remove` with the key. */

import { h, iconButton } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"

/** @typedef {import("../state/kept-queues.js").Queued} Queued */

export class QueueList extends HTMLElement {
  #list = h("ol", { class: "queue", "aria-label": t("queue.label") })
  #emit = emitter(this)
  #shown = ""

  connectedCallback() {
    if (!this.firstChild) this.append(this.#list)
  }

  /** @param {import("../state/queue.js").Queue} queue */
  watch(queue) {
    effect(() => this.#show(queue.items.get()))
  }

  /** @param {Queued[]} all */
  #show(all) {
    const now = all.map(({ key }) => key).join()
    if (now === this.#shown) return // the focus may be on one of its buttons
    const focused = this.contains(document.activeElement)
    this.#shown = now
    this.hidden = !all.length
    this.#list.replaceChildren(...all.map((one) => this.#item(one)))
    if (focused && !this.#focusFirst()) this.#emit("tray-empty", null)
  }

  #focusFirst() {
    const button = this.#list.querySelector("button")
    button?.focus()
    return button !== null
  }

  /** @param {Queued} one */
  #item({ key, content, attachments }) {
    const named = content.trim() || attachments.map(({ name }) => name).join(", ")
    const button = (/** @type {Parameters<typeof iconButton>[0]} */ name, /** @type {string} */ label, /** @type {string} */ event) => {
      const one = iconButton(name, label, () => this.#emit(event, key))
      one.setAttribute("aria-label", t("files.labelled", { label, name: named.slice(0, 60) }))
      return one
    }
    return h("li", { class: "queued" },
      h("span", { class: "queued-text", dir: "auto" }, named),
      attachments.length > 0 && h("small", {}, t("queue.files", { count: attachments.length })),
      button("send", t("queue.now"), "queue-now"), button("edit", t("message.edit"), "queue-edit"), button("close", t("queue.remove"), "queue-remove"))
  }
}

customElements.define("queue-list", QueueList)
