/** @file The whole page: ties the chat in view to its address, its elements, and the keys. */

import { announce, announceEnd } from "../dom/announce.js"
import { doorOf } from "../dom/door.js"
import { listenToKeys } from "../dom/keys.js"
import { markTitle } from "../dom/title.js"
import { placeOf, wishesOf } from "../lib/address.js"
import { onLocked } from "../lib/api.js"
import { withNumbers } from "../lib/numbers.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { isOneOfSeveral } from "../lib/words.js"
import { watchEnds } from "../state/notify.js"
import { Page } from "../state/page.js"
import { staysAtStart } from "../state/preferences.js"
import { composerActions } from "./composer-actions.js"
import { keyActions } from "./key-actions.js"
import { messageActions } from "./message-actions.js"
import { partsOf, showFrame } from "./parts.js"
import { setupActions, watchSetup } from "./setup-actions.js"
import { projectActor, searchOpener, settingsOpener, shareOpener, sideActions } from "./side-actions.js"

export class ChatApp extends HTMLElement {
  #page = new Page()
  #conversation = this.#page.conversation
  #parts = partsOf(this)
  #openSettings = settingsOpener(this, this.#parts, this.#page.catalogue)
  #openSearch = searchOpener(this)
  #projects = projectActor(this, this.#parts, this.#page)

  connectedCallback() {
    const { catalogue, library } = this.#page
    onLocked(doorOf(this))
    this.#parts.sidebar.watch(library, this.#conversation.id)
    for (const part of [this.#parts.picker, this.#parts.serverNotices, this.#parts.welcome, this.#parts.composer]) part.watch(catalogue)
    for (const part of [this.#parts.picker, this.#parts.welcome]) part.follow(this.#page.settings)
    this.#parts.presets.watch(this.#page.settings)
    watchSetup(this.#parts.setup, this.#page.settings)
    this.#parts.queue.watch(this.#page.queue)
    this.#parts.composer.watchTools(this.#page.tools)
    catalogue.refresh()
    this.#listenToPage()
    this.#listenToState()
    watchEnds(library, this.#conversation.id, markTitle)
    this.#page.start()
    this.#begin(wishesOf(location.search))
  }

  #listenToPage() {
    /** @type {Record<string, (detail: any) => void>} */
    const actions = {
      ...messageActions(this.#page, { app: this, thread: this.#parts.thread, rest: () => this.#rest() }),
      ...composerActions(this.#page, this.#parts, this, (models) => this.#openSettings("local", models)),
      begin: (text) => { this.#parts.composer.text = text },
      stop: () => this.#conversation.runs.stop(),
      "new-chat": () => this.#goToNew(),
      "project-wish": this.#projects,
      "project-chat": ({ project, settings }) => this.#goToNew(false, project, settings),
      ...setupActions(this.#page, this.#parts, this),
      "share-chat": shareOpener(this),
      "models-changed": () => this.#page.catalogue.reread(),
      ...sideActions(this.#parts, this.#openSettings, this.#openSearch),
    }
    for (const [name, action] of Object.entries(actions)) {
      this.addEventListener(name, (event) => action(/** @type {CustomEvent} */ (event).detail))
    }
    addEventListener("hashchange", () => this.#open().then(() => this.#page.queue.resume()))
    this.#parts.temporary.addEventListener("click", () => this.#goToNew(!this.#conversation.chat.temporary))
    const further = { fresh: () => this.#goToNew(), settings: this.#openSettings, search: this.#openSearch }
    const prepare = () => import("./search-dialog.js").catch(() => {}) // so that it takes what is typed at once
    for (const sign of ["keydown", "pointerdown"]) addEventListener(sign, prepare, { once: true })
    listenToKeys(keyActions(this.#parts, this.#conversation, further), () => this.#parts.drawer.close())
  }

  #listenToState() {
    const { turns, catalogue } = this.#page
    /** @type {[EventTarget, string, (detail: any) => void][]} */
    const reactions = [
      [this.#conversation, "changed", () => this.#show()],
      [this.#conversation, "ended", (reply) => this.#onEnded(reply)],
      [this.#conversation, "gone", () => this.#leave()],
      [this.#conversation, "missing", () => this.#leave(t("chat.missing"))],
      [turns, "asked", () => this.#onAsked()],
      [turns, "accepted", (plan) => this.#onAccepted(plan)],
      [turns, "stale", (plan) => this.#onStale(plan)],
      [this.#page, "projects", () => this.#projects(["show"])],
      [this.#page, "notice", (text) => this.#parts.notices.show(text)],
    ]
    for (const [target, name, react] of reactions) {
      target.addEventListener(name, (event) => react(/** @type {CustomEvent} */ (event).detail))
    }
    effect(() => {
      this.toggleAttribute("data-several", isOneOfSeveral(catalogue.models.get()))
      queueMicrotask(() => this.#show()) // how large their contexts are
    })
  }

  /** What the address wants is done once, and does not come again with a reload. @param {ReturnType<typeof wishesOf>} wishes */
  async #begin({ q, model, system, temporary, rest }) {
    history.replaceState(null, "", location.pathname + rest + location.hash)
    if (model) this.#page.catalogue.suggest(model)
    const opened = this.#open(temporary)
    if (system && !this.#conversation.id.get()) this.#page.settings.set({ system })
    await opened
    if (q && !this.#conversation.id.get()) this.#parts.composer.text = q
    this.#page.turns.resume()
    this.#page.queue.resume()
  }

  /** An empty page; the chat is made by its first question. @param {boolean} [temporary] @param {string|null} [project] @param {import("../lib/chat-settings.js").Settings} [wanted] */
  #goToNew(temporary = false, project = null, wanted) {
    this.#parts.drawer.close()
    const { chat } = this.#conversation
    if (!chat.id && !chat.tree.size && chat.temporary === temporary && chat.project === project) return this.#parts.composer.focus()
    if (location.hash) history.pushState(null, "", location.pathname + location.search)
    const { settings } = chat.id || chat.tree.size ? { settings: {} } : chat // another kind of the same empty chat
    this.#open(temporary, project)
    this.#page.settings.set(wanted ?? settings)
    if (temporary) announce(t("chat.temporary"))
  }

  /** The chat in view is not there any more: what is being typed is. @param {string} [why] */
  #leave(why) {
    const draft = this.#parts.composer.text
    history.replaceState(null, "", location.pathname + location.search)
    this.#open()
    if (draft) this.#parts.composer.text = draft
    if (why) this.#parts.notices.show(why)
  }

  /** What the address names. @param {boolean} [temporary] @param {string|null} [project] */
  async #open(temporary = false, project = null) {
    const { id, message } = placeOf(location.hash)
    if (!id || id !== this.#conversation.id.get()) this.#parts.thread.clear()
    const opening = id ? this.#conversation.open(id, message) : this.#conversation.begin(temporary, project)
    if (matchMedia("(pointer: fine)").matches && !this.#parts.sidebar.isEditing) this.#parts.composer.focus()
    await opening
    if (message) this.#parts.thread.reveal(this.#conversation.chat.key(message))
  }

  #show() {
    showFrame(this, this.#parts, this.#page)
    const { shown, chat } = this.#conversation
    this.#parts.thread.show(withNumbers(shown, this.#page.catalogue.models.get().data, chat.tree.all(), chat.settings))
    this.#page.markRead()
  }

  #onAsked() {
    if (staysAtStart.get()) this.#parts.thread.jumpToStart()
    else this.#parts.thread.jump()
    announce(t("told.asking"))
    this.#page.catalogue.refresh()
  }

  /** @param {import("../lib/plans.js").Plan} plan */
  #onAccepted({ chat, content, attachments = [] }) {
    const id = this.#conversation.id.get()
    if (content !== undefined && (chat ?? id)) this.#parts.composer.settle(chat ?? "new", chat ?? id ?? "new", { content, attachments })
    if (!chat && id && location.hash !== `#${id}`) history.pushState(null, "", `#${id}`)
  }

  /** @param {import("../lib/plans.js").Plan} plan */
  #onStale({ content = "", attachments = [] }) {
    this.#parts.composer.take({ content, attachments })
    this.#parts.notices.show(t("chat.stale"))
  }

  /** @param {import("../types.js").Reply} reply */
  #onEnded(reply) {
    announceEnd(reply)
    if (reply.failed?.code.startsWith("storage")) this.#page.catalogue.reread() // its notices say more
  }

  /** The button that had the focus goes: where a keyboard opens on the screen, the composer must not take it. */
  #rest() {
    if (matchMedia("(pointer: fine)").matches) this.#parts.composer.focus()
    else this.#parts.thread.focus()
  }
}

customElements.define("chat-app", ChatApp)
