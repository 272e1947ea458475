/** @file Lets somebody in: with a name and a password, with the token, by a service, or as the first admin. */

import { formField, textField } from "../dom/form-fields.js"
import { h } from "../dom/h.js"
import { secretField } from "../dom/secret-field.js"
import { firstOf } from "../lib/entrance.js"
import { serviceAddress, session, setUp, signIn, signInByToken } from "../lib/session-api.js"
import { t } from "../lib/t.js"
import "./enter-form.js"

/** @typedef {import("../lib/session-api.js").SessionState} SessionState @typedef {import("../lib/entrance.js").First} First */
/** @typedef {{title: string, text: string}} Head */

const AGAIN_SECONDS = 3

/** Emits `entered` with the state, once somebody is in. */
export class SignIn extends HTMLElement {
  #logo = h("img", { class: "enter-logo", src: new URL("../../favicon.svg", import.meta.url).href, alt: "", width: "44", height: "44" })
  #title = h("h1", { id: "enter-title", tabindex: "-1" })
  #text = h("p", { class: "enter-text" })
  #told = h("p", { class: "enter-told", role: "alert" })
  #body = h("div", { class: "enter-body" })
  #timer = 0
  /** In place of what the title says else. @type {Head|null} */
  head = null
  /** Who was here last. */
  name = ""

  connectedCallback() {
    this.setAttribute("role", "group")
    this.setAttribute("aria-labelledby", "enter-title")
    this.addEventListener("submit", () => { this.#told.textContent = "" })
    if (!this.firstChild) this.append(this.#logo, this.#title, this.#text, this.#told, this.#body)
  }

  disconnectedCallback() {
    clearTimeout(this.#timer)
  }

  /** Ask the server how one gets in; again while it does not answer. @param {string} [problem] what is to be said besides */
  async start(problem = "") {
    clearTimeout(this.#timer)
    const state = await session().catch(() => null)
    if (!state) {
      this.#told.textContent = t("enter.offline")
      this.#timer = setTimeout(() => this.start(problem), AGAIN_SECONDS * 1000)
      return
    }
    this.#told.textContent = problem
    if (state.account) this.#emit(state)
    else this.#show(state, firstOf(state))
  }

  /** With what the address has brought. @param {string} token */
  async enter(token) {
    try {
      this.#emit(await signInByToken(token))
    } catch (error) {
      const { code } = /** @type {import("../lib/api.js").ApiError} */ (error)
      await this.start(code === "login-failed" ? t("enter.tokenWrong") : "")
    }
  }

  focus() {
    const form = /** @type {HTMLElement|null} */ (this.querySelector("enter-form, .enter-body :is(a, button)"))
    if (form) form.focus()
    else this.#title.focus()
  }

  /** @param {SessionState} state @param {First} first */
  #show(state, first) {
    const helpless = first === "none" || first === "proxy"
    const { title, text } = !helpless && this.head || HEADS[first]()
    this.#title.textContent = title
    this.#text.textContent = text
    this.#text.hidden = !text
    this.#body.replaceChildren(...this.#parts(state, first), ...isSecureContext ? [] : [h("p", { class: "enter-note" }, t("enter.insecure"))])
    this.focus()
  }

  /** @param {SessionState} state @param {First} first @returns {HTMLElement[]} */
  #parts(state, first) {
    if (first === "none" || first === "proxy") return [h("button", { type: "button", class: "button enter-button", onclick: () => location.reload() }, t("enter.reload"))]
    if (first === "setup") return [setupForm()]
    if (first === "oidc") return [serviceLink(state.oidc, true)]
    if (first === "token") return [tokenForm(), ...state.ways.includes("password") ? [this.#other(state, "password", t("enter.useName"))] : []]
    return [
      passwordForm(this.name),
      ...state.ways.includes("oidc") ? [h("p", { class: "enter-or" }, t("enter.or")), serviceLink(state.oidc, false)] : [],
      ...state.ways.includes("token") ? [this.#other(state, "token", t("enter.useToken"))] : []]
  }

  /** @param {SessionState} state @param {First} first @param {string} label */
  #other(state, first, label) {
    return h("button", { type: "button", class: "enter-other", onclick: () => [this.#told.textContent = "", this.#show(state, first)] }, label)
  }

  /** @param {SessionState} state */
  #emit(state) {
    this.dispatchEvent(new CustomEvent("entered", { detail: state, bubbles: true }))
  }
}

/** @type {Record<First, () => Head>} */
const HEADS = {
  setup: () => ({ title: t("enter.setup"), text: t("enter.setupText") }),
  password: () => ({ title: t("enter.title"), text: "" }),
  token: () => ({ title: t("enter.tokenTitle"), text: t("enter.tokenText") }),
  oidc: () => ({ title: t("enter.title"), text: "" }),
  proxy: () => ({ title: t("enter.title"), text: t("enter.proxy") }),
  none: () => ({ title: t("enter.title"), text: t("enter.noWay") }),
}

/** @param {import("./enter-form.js").Entry} entry */
function form(entry) {
  const made = /** @type {import("./enter-form.js").EnterForm} */ (document.createElement("enter-form"))
  made.show(entry)
  return made
}

/** @param {string} known the name of who was here last */
function passwordForm(known) {
  const name = textField({ name: "name", autocomplete: "username", autocapitalize: "off", dir: "auto", maxlength: "200", value: known })
  const { input: password, field } = secretField(t("enter.password"), { name: "password", autocomplete: "current-password" })
  return form({
    fields: [formField(t("enter.name"), name), field], inputs: { name, password }, label: t("enter.go"), wrong: t("enter.wrong"),
    send: () => signIn(name.value.trim(), password.value),
  })
}

function tokenForm() {
  const { input: token, field } = secretField(t("enter.token"), { name: "token", autocomplete: "off", maxlength: "300" }, t("enter.tokenLater"))
  return form({ fields: [field], inputs: { token }, label: t("enter.tokenGo"), wrong: t("enter.tokenWrong"), send: () => signInByToken(tokenIn(token.value)) })
}

function setupForm() {
  const code = textField({ name: "code", autocomplete: "one-time-code", autocapitalize: "characters", maxlength: "300" })
  const name = textField({ name: "name", autocomplete: "username", autocapitalize: "off", dir: "auto", maxlength: "100" })
  const { input: password, field } = secretField(t("enter.password"), { name: "password", autocomplete: "new-password", minlength: "8" }, t("enter.passwordNote"))
  return form({
    fields: [formField(t("enter.code"), code, t("enter.codeNote")), formField(t("enter.setupName"), name, t("enter.setupNameNote")), field],
    inputs: { code, name, password }, label: t("enter.make"), wrong: t("enter.wrongCode"),
    send: () => setUp(code.value.trim(), name.value.trim(), password.value),
  })
}

/** @param {string|null} name @param {boolean} main */
function serviceLink(name, main) {
  return h("a", { class: `button enter-button${main ? " main-button" : ""}`, href: serviceAddress() }, t("enter.oidc", { name: name ?? "" }))
}

/** The whole address may be pasted, too. @param {string} text */
function tokenIn(text) {
  return text.trim().replace(/^.*#token=/, "")
}

customElements.define("sign-in", SignIn)
