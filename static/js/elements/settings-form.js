/** @file The fields of what is set for a chat, each with what it does and what is wrong with it. */

import { row } from "../dom/fields.js"
import { h } from "../dom/h.js"
import { asText, EFFORTS, NUMBERS, numberIn, objectIn, stopsAsText, stopsIn } from "../lib/setting-fields.js"
import { number, t } from "../lib/t.js"
import { FormatField, mistakeIn } from "./format-field.js"

/** @typedef {import("../lib/chat-settings.js").Settings} Settings @typedef {import("../lib/setting-fields.js").NumberName} NumberName */
/** @typedef {"model"|"system"|"stop"|"response_format"|"reasoning_effort"|"extra"|NumberName} Name */

const NAMES = /** @type {NumberName[]} */ (Object.keys(NUMBERS))
const LONGEST_SYSTEM = 500_000

export class SettingsForm extends HTMLElement {
  #model = h("select", { class: "select" })
  #system = h("textarea", { class: "field", rows: "4", dir: "auto", maxlength: LONGEST_SYSTEM, placeholder: t("setup.none") })
  #numbers = /** @type {Record<NumberName, HTMLInputElement>} */ (Object.fromEntries(NAMES.map((name) => [name,
    h("input", { class: "field number-field", inputmode: "decimal", autocomplete: "off", placeholder: t("setup.standard") })])))
  #stop = h("textarea", { class: "field code-field", rows: "2", spellcheck: "false", autocomplete: "off", dir: "auto", placeholder: t("setup.none") })
  #format = new FormatField()
  #effort = h("select", { class: "select" }, h("option", { value: "" }, t("setup.standard")), ...EFFORTS.map((one) => h("option", { value: one }, t(`effort.${one}`))))
  #extra = h("textarea", { class: "field code-field", rows: "3", spellcheck: "false", autocomplete: "off", dir: "ltr", placeholder: '{"min_p": 0.05}' })
  /** @type {Map<Name, {field: HTMLElement, problem: HTMLElement}>} */
  #rows = new Map()
  /** @type {Settings} what has no field */
  #rest = {}

  connectedCallback() {
    if (this.firstChild) return
    const { temperature, top_p, max_tokens, history, seed, presence_penalty, frequency_penalty } = this.#numbers
    this.append(this.#row("model", this.#model), this.#row("system", this.#system, true), this.#row("temperature", temperature),
      this.#row("top_p", top_p), this.#row("max_tokens", max_tokens), this.#row("reasoning_effort", this.#effort),
      this.#row("response_format", this.#format, true), this.#row("stop", this.#stop, true), this.#row("seed", seed),
      this.#row("presence_penalty", presence_penalty), this.#row("frequency_penalty", frequency_penalty),
      this.#row("history", history), this.#row("extra", this.#extra, true))
    this.#format.setAttribute("role", "group")
    for (const one of this.#format.fields) this.#describe("response_format", one)
  }

  /** @param {Name} name @param {HTMLElement} field @param {boolean} [wide] below what it does */
  #row(name, field, wide = false) {
    const problem = h("small", { class: "setting-problem", id: `problem-${name}`, role: "status" })
    const whole = row(t(`setup.${name}`), t(`setup.${name}Text`), field, problem)
    whole.classList.toggle("wide", wide)
    this.#rows.set(name, { field, problem })
    this.#describe(name, field)
    return whole
  }

  /** @param {Name} name @param {HTMLElement} field */
  #describe(name, field) {
    field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} problem-${name}`.trim())
  }

  /** @param {Settings} settings @param {import("../types.js").Models} models @param {string} standard the model of all chats */
  show({ model, system, stop, response_format, reasoning_effort, extra, ...more }, models, standard) {
    const ids = [...new Set([...models.data.map(({ id }) => id), ...(model ? [model] : [])])]
    this.#model.replaceChildren(h("option", { value: "" }, t("setup.asAll", { model: standard })), ...ids.map((id) => h("option", { value: id }, id)))
    this.#model.value = model ?? ""
    this.#system.value = system ?? ""
    for (const name of NAMES) this.#numbers[name].value = more[name] === undefined ? "" : String(more[name])
    this.#stop.value = stopsAsText(stop)
    this.#format.value = response_format
    this.#effort.value = reasoning_effort ?? ""
    this.#extra.value = asText(extra)
    this.#rest = { ...more.preset && { preset: more.preset }, ...more.tool_servers && { tool_servers: more.tool_servers } }
    this.mark({})
  }

  /** What is written, and what is wrong with it by itself. @returns {{settings: Settings, problems: Partial<Record<Name, string>>}} */
  read() {
    /** @type {Partial<Record<Name, string>>} */
    const problems = {}
    /** @template T @param {Name} name @param {() => T} work */
    const attempt = (name, work) => {
      try {
        return work()
      } catch (error) {
        problems[name] = /** @type {Error} */ (error).message
        return undefined
      }
    }
    const numbers = NAMES.map((name) => [name, attempt(name, () => this.#number(name))])
    const all = {
      ...this.#rest, model: this.#model.value, system: this.#system.value, ...Object.fromEntries(numbers),
      stop: stopsIn(this.#stop.value), reasoning_effort: this.#effort.value,
      response_format: attempt("response_format", () => this.#format.read()), extra: attempt("extra", () => this.#free()),
    }
    const given = Object.entries(all).filter(([, value]) => value !== undefined && value !== "")
    return { settings: Object.fromEntries(given), problems }
  }

  /** Say what is wrong where. @param {Record<string, string>} problems by the name of a setting */
  mark(problems) {
    for (const [name, { field, problem }] of this.#rows) {
      const text = problems[name] ?? ""
      if (problem.textContent !== text) problem.textContent = text
      for (const one of field === this.#format ? this.#format.fields : [field]) one.setAttribute("aria-invalid", String(text !== ""))
    }
  }

  /** @param {NumberName} name */
  #number(name) {
    const value = numberIn(name, this.#numbers[name].value)
    if (value === undefined || !Number.isNaN(value)) return value
    const { min, max, step } = NUMBERS[name]
    throw new Error(t(step === 1 ? "setup.whole" : "setup.number", { min: number(min), max: number(max) }))
  }

  #free() {
    const text = this.#extra.value
    try {
      return objectIn(text)
    } catch (error) {
      throw new Error(mistakeIn(text, error), { cause: error })
    }
  }
}

customElements.define("settings-form", SettingsForm)
