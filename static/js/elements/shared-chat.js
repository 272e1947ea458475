/** @file What a link shows: a copy of a chat, or that there is none any more. */

import { announce } from "../dom/announce.js"
import { h, icon } from "../dom/h.js"
import { soon } from "../dom/slices.js"
import { setTitle } from "../dom/title.js"
import { inOneLine } from "../lib/problems.js"
import { sharedChat, takeShared } from "../lib/shares-api.js"
import { date, t } from "../lib/t.js"
import { SharedMessage } from "./shared-message.js"

/** @typedef {import("../lib/shares-api.js").SharedChat} Chat @typedef {import("../lib/api.js").ApiError} ApiError */

const DAY = /** @type {const} */ ({ day: "numeric", month: "long", year: "numeric" })

export class SharedChat extends HTMLElement {
  #path = location.pathname
  #told = h("p", { class: "shared-told", role: "status" })
  #take = h("button", { type: "button", class: "button", "aria-describedby": "take-text", onclick: () => this.#onTake() }, icon("chat"), t("share.take"))

  connectedCallback() {
    this.addEventListener("notice", (event) => announce(/** @type {CustomEvent} */ (event).detail))
    this.#load()
  }

  async #load() {
    this.setAttribute("aria-busy", "true")
    try {
      this.#show(await sharedChat(this.#path))
    } catch (error) {
      const { status } = /** @type {ApiError} */ (error)
      if (status === 404) this.#showNothing(t("share.gone"), t("share.goneText"), null)
      else this.#showNothing(inOneLine(/** @type {Error} */ (error)), "", h("button", { type: "button", class: "button", onclick: () => this.#load() }, t("share.again")))
    }
    this.removeAttribute("aria-busy")
  }

  /** @param {Chat} chat */
  #show({ title, created, messages }) {
    const time = new Date(created)
    setTitle(`${title} · llmchat`)
    const main = h("main", { class: "shared-messages" })
    this.replaceChildren(
      h("header", { class: "shared-head" },
        h("p", { class: "shared-kind" }, t("share.copied")),
        h("h1", { dir: "auto" }, title),
        h("p", { class: "shared-date" }, h("time", { datetime: time.toISOString() }, t("share.date", { date: date(time, DAY) })))),
      main,
      h("footer", { class: "shared-foot" }, this.#take, h("p", { id: "take-text" }, t("share.takeText")), this.#told))
    for (const message of messages) {
      const element = new SharedMessage()
      main.append(element)
      soon(() => element.show(message, this.#path)) // a long one is there at once, from its start
    }
  }

  /** @param {string} title @param {string} text @param {HTMLElement|null} way on */
  #showNothing(title, text, way) {
    setTitle(`${title} · llmchat`)
    this.replaceChildren(h("main", { class: "shared-nothing" }, icon("chat"), h("h1", {}, title), text && h("p", {}, text), way))
  }

  async #onTake() {
    if (this.#take.getAttribute("aria-disabled") === "true") return // once is enough
    this.#take.setAttribute("aria-disabled", "true")
    this.#told.textContent = t("share.taking")
    try {
      const { id } = await takeShared(this.#path.slice(this.#path.lastIndexOf("/") + 1))
      location.assign(`../#${id}`)
    } catch (error) {
      const { status } = /** @type {ApiError} */ (error)
      this.#told.textContent = status === 401 ? t("share.signIn") : inOneLine(/** @type {Error} */ (error))
      this.#take.removeAttribute("aria-disabled")
    }
  }
}

customElements.define("shared-chat", SharedChat)
