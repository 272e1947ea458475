/** @file Questions and answers of the chat in view: asked, asked again, continued. */

import { ApiError } from "../lib/api.js"
import { areEqual, areNone } from "../lib/chat-settings.js"
import { newId } from "../lib/chats.js"
import { replyOf } from "../lib/messages.js"
import { messagesOf, stored, temporary } from "../lib/plans.js"
import { inOneLine } from "../lib/problems.js"
import { emptyReply } from "../lib/reply.js"
import { t } from "../lib/t.js"
import { beginningOf } from "../lib/whole.js"
import { askPatiently } from "./asking.js"
import { Outbox } from "./outbox.js"
import { Run } from "./run.js"

const GONE_ON = new Set(["stale", "running"]) // the chat is not as this tab has it

/** @typedef {import("../lib/plans.js").Plan} Plan @typedef {import("../types.js").Accepted} Accepted
 * @typedef {{question: string|null, answer: string}} Local ids of messages
 * @typedef {import("../types.js").Attachment} Attachment
 * @typedef {import("./conversation.js").Conversation} Conversation @typedef {import("./chat.js").Chat} Chat
 */

/** Emits `asked` at once, `accepted` with the plan when the server has taken it, `stale` with the plan when another one came first, `several` with the chat and the `first` answer when several models were asked, and `notice`. */
export class Turns extends EventTarget {
  #outbox = new Outbox()
  #sending = new Set() // chats
  /** @type {Map<string, Plan>} what was refused, by the id of the answer */
  #refused = new Map()

  /** @param {Conversation} conversation @param {import("./catalogue.js").Catalogue} catalogue */
  constructor(conversation, catalogue) {
    super()
    this.conversation = conversation
    this.catalogue = catalogue
  }

  /** @param {{content: string, attachments?: Attachment[], key?: string, model?: string|null}} what */
  ask({ content, attachments = [], key = newId(), model = this.catalogue.wanted() }) {
    this.#send({ content, attachments, key, model, parent: this.conversation.chat.tail })
  }

  /**
   * The same of several models: each answer is a job of its own, and the first one is gone on with.
   *
   * @param {{content: string, attachments?: Attachment[]}} what
   * @param {string[]} models
   */
  askSeveral({ content, attachments = [] }, [model, ...others]) {
    this.#send({ content, attachments, model, others, side: true, parent: this.conversation.chat.tail })
  }

  /** One answer of several. @param {string[]} answers to the same question */
  merge(answers) {
    const one = this.conversation.chat.tree.get(answers[0])
    if (one) this.#send({ parent: one.parent_id, merge: answers })
  }

  /** Another version of a question, with an answer of its own. @param {string} id @param {string} content @param {Attachment[]} [attachments] */
  askInstead(id, content, attachments) {
    const message = this.conversation.chat.tree.get(id)
    if (message) this.#send({ content, parent: message.parent_id, attachments: attachments ?? message.attachments, branch: true })
  }

  /** A further answer to a question, or to that of an answer. @param {string} id @param {string|null} [model] */
  again(id, model = this.catalogue.wanted()) {
    const plan = this.#refused.get(id)
    const message = this.conversation.chat.tree.get(id)
    if (plan) this.#repeat(id, plan)
    else if (message?.parameters.compact) this.#send({ parent: message.parent_id, model, compact: true, branch: true })
    else if (message) this.#send({ parent: message.role === "user" ? id : message.parent_id, model })
  }

  /** A summary of the branch, which stands for it from then on. */
  compact() {
    const { chat } = this.conversation
    if (chat.tail && !chat.temporary) this.#send({ parent: chat.tail, compact: true })
  }

  /** Go on with an answer where it stops. @param {string} id */
  goOn(id) {
    if (!this.conversation.runs.get(id)) this.#send({ answer: id, parent: null })
  }

  /** Whether the server has not taken yet what was asked in the chat in view. */
  get isAsking() {
    const { chat } = this.conversation
    return this.#sending.has(chat) || this.#outbox.of(chat.id, Date.now()).length > 0
  }

  /** What was being asked when the page was left. */
  resume() {
    const { chat } = this.conversation
    if (chat.temporary) return
    for (const plan of this.#outbox.of(chat.id, Date.now())) this.#begin(chat, plan)
  }

  /** @param {string} id @param {Plan} plan */
  #repeat(id, plan) {
    const { chat } = this.conversation
    const message = chat.tree.get(id)
    this.#refused.delete(id)
    if (!plan.answer) chat.drop(plan.content === undefined ? id : message?.parent_id ?? id)
    const model = this.catalogue.wanted()
    const settings = settingsOf(chat)
    const isSame = model === plan.model && areEqual(settings ?? {}, plan.settings ?? {})
    this.#send(isSame ? plan : { ...plan, key: newId(), model, settings })
  }

  /** @param {Partial<Plan> & {parent: string|null}} what */
  #send(what, chat = this.conversation.chat) {
    if (this.#sending.has(chat)) return // it was clicked twice
    const plan = { key: newId(), chat: chat.id, asked: Date.now(), model: this.catalogue.wanted(), settings: settingsOf(chat), ...!chat.id && chat.project && { project: chat.project }, ...what }
    if (!chat.temporary) this.#outbox.add(plan)
    this.#begin(chat, plan)
  }

  /** @param {Chat} chat @param {Plan} plan */
  #begin(chat, plan) {
    const known = chat.tree.get(plan.answer)
    if (plan.answer && !known) return this.#outbox.remove(plan.key)
    const local = known ? this.#continue(chat, known) : this.#add(chat, plan)
    if (chat !== this.conversation.chat) return void this.#ask(chat, plan, local, new AbortController().signal, () => {}).catch(() => {}) // it is told
    const before = known ? beginningOf(replyOf(known)) : null
    const run = new Run(emptyReply(before), plan.asked, null, (stopped, onWait) =>
      this.conversation.hold(() => this.#ask(chat, plan, local, stopped, onWait)))
    this.conversation.runs.add(local.answer, run)
    this.conversation.show()
    run.start()
    this.dispatchEvent(new Event("asked"))
  }

  /** @param {Chat} chat @param {import("../types.js").Message} answer */
  #continue(chat, answer) {
    chat.tree.put({ ...answer, state: "running", job_id: null })
    return { question: null, answer: answer.id }
  }

  /** @param {Chat} chat @param {Plan} plan */
  #add(chat, plan) {
    const messages = messagesOf(plan)
    chat.add(...messages)
    const [answer, question = null] = messages.map(({ id }) => id).reverse()
    return { question, answer }
  }

  /** @param {Chat} chat @param {Plan} plan @param {Local} local @param {AbortSignal} stopped @param {(seconds: number, reason: string) => void} onWait */
  async #ask(chat, plan, local, stopped, onWait) {
    this.#sending.add(chat)
    try {
      const body = chat.temporary ? temporary(plan, chat.tree.path(local.answer), chat.settings) : stored(plan)
      const accepted = await askPatiently(body, plan.key, stopped, onWait)
      this.#accept(chat, plan, local, accepted)
      return accepted.job_id
    } catch (error) {
      this.#refuse(chat, plan, local, /** @type {ApiError} */ (error))
      throw error
    } finally {
      this.#sending.delete(chat)
    }
  }

  /** @param {Chat} chat @param {Plan} plan @param {Local} local @param {Accepted} accepted */
  #accept(chat, plan, local, { conversation_id, message_id, user_message_id, job_id }) {
    const answer = message_id ?? local.answer
    if (local.question) chat.confirm(local.question, user_message_id ?? local.question)
    chat.confirm(local.answer, answer)
    const message = chat.tree.get(answer)
    if (message) chat.tree.put({ ...message, job_id })
    if (!chat.temporary) chat.id = conversation_id ?? chat.id
    if (chat === this.conversation.chat) {
      this.conversation.runs.rename(local.answer, answer)
      this.conversation.id.set(chat.id)
      this.conversation.refresh()
    }
    this.dispatchEvent(new CustomEvent("accepted", { detail: plan }))
    if (plan.side) queueMicrotask(() => this.#goOnAsking(chat, plan, answer)) // when it is known to be sent
    this.#outbox.remove(plan.key) // last: where the page is left before, the draft of it is still there
  }

  /** The next model, or back to the answer of the first one. @param {Chat} chat @param {Plan} plan @param {string} answer */
  #goOnAsking(chat, { others = [], first: known }, answer) {
    const first = known ?? answer
    const [model, ...rest] = others
    const parent = chat.tree.get(answer)?.parent_id
    if (model && parent) return this.#send({ parent, model, others: rest, first, side: true }, chat)
    if (first !== answer) this.dispatchEvent(new CustomEvent("several", { detail: { chat, first } }))
  }

  /** @param {Chat} chat @param {Plan} plan @param {Local} local @param {ApiError} error */
  #refuse(chat, plan, local, { code, message, body }) {
    this.#outbox.remove(plan.key)
    if (chat !== this.conversation.chat) this.dispatchEvent(new CustomEvent("notice", { detail: t("chat.notSent", { why: inOneLine({ code, message }) }) }))
    if (!GONE_ON.has(code)) return void this.#refused.set(local.answer, plan)
    if (local.question) {
      chat.drop(local.question)
      chat.takeTail(body?.messages ?? [], body?.active ?? null)
      this.dispatchEvent(new CustomEvent("stale", { detail: plan }))
    }
    if (chat === this.conversation.chat) [this.conversation.show(), this.conversation.refresh()]
  }
}

/** What the server is to set for a chat that it does not have yet. @param {Chat} chat */
function settingsOf({ id, settings }) {
  return id || areNone(settings) ? undefined : settings
}
