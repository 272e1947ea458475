/** @file Sends a message, or stops the answer to the last one. Emits `stop`; the other one submits the form. */

import { h, icon } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { t } from "../lib/t.js"

export class ComposerButtons extends HTMLElement {
  #send = h("button", { type: "submit", class: "round-button" }, icon("send"))
  #stop = h("button", {
    type: "button", class: "round-button", "aria-label": t("composer.stop"), title: t("composer.stopKey"), hidden: true,
    onclick: () => emitter(this)("stop", null),
  }, icon("stop"))

  connectedCallback() {
    if (!this.firstChild) this.append(this.#send, this.#stop)
  }

  /**
   * While an answer is being written, one stops it and the other one sends what is next.
   *
   * @param {boolean} busy
   * @param {boolean} nothing there is nothing to send
   * @returns {boolean} whether the one that had the focus has gone
   */
  show(busy, nothing) {
    const label = busy ? t("composer.queue") : t("composer.send")
    const held = [this.#send, this.#stop].find((one) => one === document.activeElement)
    this.#send.disabled = nothing
    this.#send.hidden = busy && nothing
    this.#stop.hidden = !busy
    this.#send.title = label
    this.#send.setAttribute("aria-label", label)
    return held !== undefined && Boolean(held.hidden || held.disabled)
  }
}

customElements.define("composer-buttons", ComposerButtons)
