/** @file The whole page: ties the chat in view to its address, its elements, and the keys. */

import { announce, announceEnd } from "../dom/announce.js"
import { listenToKeys } from "../dom/keys.js"
import { effect } from "../lib/signal.js"
import { isOneOfSeveral, madeRoom } from "../lib/words.js"
import { Catalogue } from "../state/catalogue.js"
import { ChatStore } from "../state/chat-store.js"
import { Conversation } from "../state/conversation.js"
import { watchElsewhere } from "../state/elsewhere.js"

/** @typedef {import("./chat-thread.js").ChatThread} ChatThread @typedef {import("./chat-composer.js").ChatComposer} ChatComposer */
/** @typedef {import("./chat-sidebar.js").ChatSidebar} ChatSidebar @typedef {import("./chat-welcome.js").ChatWelcome} ChatWelcome */
/** @typedef {import("./model-picker.js").ModelPicker} ModelPicker @typedef {import("./notice-stack.js").NoticeStack} NoticeStack @typedef {import("./server-notices.js").ServerNotices} ServerNotices @typedef {import("./side-drawer.js").SideDrawer} SideDrawer */

export class ChatApp extends HTMLElement {
  #store = new ChatStore()
  #catalogue = new Catalogue()
  #conversation = new Conversation(this.#store, this.#catalogue)

  connectedCallback() {
    this.#sidebar.watch(this.#store, this.#conversation.id)
    for (const part of [this.#picker, this.#serverNotices, this.#welcome]) part.watch(this.#catalogue)
    this.#catalogue.refresh()
    watchElsewhere(this.#store, () => this.#conversation.id.get())
    this.#listenToPage()
    this.#listenToState()
    this.#open()
  }

  get #thread() { return /** @type {ChatThread} */ (this.querySelector("chat-thread")) }
  get #composer() { return /** @type {ChatComposer} */ (this.querySelector("chat-composer")) }
  get #sidebar() { return /** @type {ChatSidebar} */ (this.querySelector("chat-sidebar")) }
  get #picker() { return /** @type {ModelPicker} */ (this.querySelector("model-picker")) }
  get #notices() { return /** @type {NoticeStack} */ (this.querySelector("notice-stack")) }
  get #serverNotices() { return /** @type {ServerNotices} */ (this.querySelector("server-notices")) }
  get #drawer() { return /** @type {SideDrawer} */ (this.querySelector("side-drawer")) }
  get #welcome() { return /** @type {ChatWelcome} */ (this.querySelector("chat-welcome")) }
  get #name() { return /** @type {HTMLElement} */ (this.querySelector(".chat-name")) }

  #listenToPage() {
    /** @type {Record<string, (detail: string) => void>} */
    const actions = {
      ask: (text) => this.#conversation.ask(text),
      begin: (text) => { this.#composer.text = text },
      stop: () => this.#conversation.run?.stop(),
      again: () => this.#onButton(() => this.#conversation.again()),
      continue: () => this.#onButton(() => this.#conversation.goOn()),
      "new-chat": () => this.#goToNew(),
      "open-chat": () => this.#drawer.close(),
      "delete-chat": (id) => this.#delete(id),
      notice: (text) => this.#notices.show(text),
      "notice-closed": () => this.#composer.focus(),
    }
    for (const [name, action] of Object.entries(actions)) {
      this.addEventListener(name, (event) => action(/** @type {CustomEvent} */ (event).detail))
    }
    addEventListener("hashchange", () => this.#open())
    listenToKeys({
      write: () => this.#composer.focus(), escape: () => this.#onEscape(), fresh: () => this.#goToNew(),
    })
  }

  #listenToState() {
    this.#conversation.addEventListener("changed", () => this.#show())
    this.#conversation.addEventListener("asked", () => this.#onAsked())
    this.#conversation.addEventListener("ended", (event) => this.#onEnded(/** @type {CustomEvent} */ (event).detail))
    this.#store.addEventListener("evicted", (event) =>
      this.#notices.show(madeRoom(/** @type {CustomEvent} */ (event).detail)))
    effect(() => { this.toggleAttribute("data-several", isOneOfSeveral(this.#catalogue.models.get())) })
    for (const trouble of [this.#store.problem, this.#catalogue.replaced]) {
      effect(() => {
        const text = trouble.get()
        if (text) this.#notices.show(text)
      })
    }
  }

  #onEscape() {
    if (!this.#drawer.close()) this.#conversation.run?.stop()
  }

  /** An empty page; the chat is made by its first question. */
  #goToNew() {
    this.#drawer.close()
    if (!this.#conversation.id.get()) return this.#composer.focus()
    history.pushState(null, "", location.pathname + location.search)
    this.#open()
  }

  /** The chat in view was deleted in another tab: what is being typed is not. */
  #leaveDeleted() {
    const draft = this.#composer.text
    history.replaceState(null, "", location.pathname + location.search)
    this.#open()
    if (draft) this.#composer.text = draft
  }

  #open() {
    this.#thread.clear()
    this.#conversation.open(location.hash.slice(1))
    this.#thread.jump()
    if (matchMedia("(pointer: fine)").matches) this.#composer.focus()
  }

  #show() {
    const { chat, run } = this.#conversation
    if (!chat && this.#conversation.id.get()) return this.#leaveDeleted()
    document.title = chat ? `${chat.title} · llmchat` : "llmchat"
    this.toggleAttribute("data-empty", !chat)
    this.#name.textContent = chat?.title ?? ""
    this.#name.hidden = !chat
    this.#composer.chat = chat?.id ?? "new"
    this.#composer.busy = run !== null
    this.#thread.show(chat?.messages ?? [], run)
  }

  #onAsked() {
    const id = this.#conversation.id.get()
    if (location.hash !== `#${id}`) history.pushState(null, "", `#${id}`)
    this.#thread.jump()
    announce("Asking")
    this.#catalogue.refresh()
  }

  /** @param {import("../types.js").Reply} reply */
  #onEnded(reply) {
    announceEnd(reply)
    if (reply.failed?.code.startsWith("storage")) this.#catalogue.reread() // its notices say more
  }

  /** The button goes, so the focus has to be somewhere else: where it opens no keyboard on a screen. @param {() => void} work */
  #onButton(work) {
    work()
    if (matchMedia("(pointer: fine)").matches) this.#composer.focus()
    else this.#thread.focus()
  }

  /** @param {string} id */
  #delete(id) {
    this.#conversation.stopAnswer(id)
    if (id === this.#conversation.id.get()) this.#goToNew()
    const chat = this.#store.get(id)
    if (!chat) return
    this.#store.remove(id)
    this.#notices.show(`Deleted “${chat.title}”.`, { label: "Undo", run: () => this.#store.put(chat) })
  }
}

customElements.define("chat-app", ChatApp)
