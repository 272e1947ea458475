/** @file The numbers of the answers: tokens, speed and cost by day and model. */

import { bars } from "../dom/bars.js"
import { choices, select } from "../dom/fields.js"
import { h, icon } from "../dom/h.js"
import { request } from "../lib/api.js"
import { dollars } from "../lib/cost.js"
import { barsOf } from "../lib/plot.js"
import { sumOf, sumsBy, valueOf } from "../lib/statistics.js"
import { date, number, t } from "../lib/t.js"

/** @typedef {import("../lib/statistics.js").Statistics} Statistics @typedef {import("../lib/statistics.js").Sum} Sum */
/** @typedef {import("../lib/statistics.js").Measure} Measure */

const RANGES = [7, 30, 90, 365]
const dayShape = /** @type {const} */ ({ day: "numeric", month: "short", timeZone: "UTC" })
const QUARTER = 15

export class NumberSettings extends HTMLElement {
  #range = select(RANGES.map((days) => [String(days), t("numbers.days", { count: days })]), (days) => { this.#days = Number(days); this.#load() })
  #measure = choices("measure", t("numbers.measure"), [["tokens", t("numbers.tokens")], ["cost", t("numbers.cost")], ["answers", t("numbers.answers")]],
    (measure) => { this.#wanted = /** @type {Measure} */ (measure); this.#show() })
  #file = h("a", { class: "button", download: true }, icon("file"), t("numbers.file"))
  #told = h("p", { class: "numbers-told", role: "status" })
  #sums = h("dl", { class: "sums" })
  #plot = h("figure", { class: "plot" })
  #models = h("div", { class: "numbers-table", tabindex: "0", role: "region", "aria-label": t("numbers.byModel") })
  #daily = h("div", { class: "numbers-table", tabindex: "0", role: "region", "aria-label": t("numbers.byDay") })
  #body = h("div", { hidden: true }, this.#sums, h("div", { class: "plot-head" }, this.#measure), this.#plot,
    h("h3", {}, t("numbers.byModel")), this.#models,
    h("details", { class: "numbers-days" }, h("summary", {}, t("numbers.byDay")), this.#daily),
    h("p", { class: "numbers-note" }, t("numbers.estimate")))
  #days = 30
  #wanted = /** @type {Measure} */ ("tokens")
  /** @type {Statistics|null} */
  #statistics = null

  connectedCallback() {
    if (this.firstChild) return
    this.#range.value = String(this.#days)
    this.#range.setAttribute("aria-label", t("numbers.range"))
    this.append(h("div", { class: "numbers-head" }, this.#range, this.#file), this.#told, this.#body)
  }

  /** Read when it comes into view. */
  shown() {
    this.#load()
  }

  async #load() {
    const query = `days=${this.#days}&offset=${offset()}`
    this.#file.setAttribute("href", `api/statistics?${query}&format=csv`)
    try {
      this.#statistics = await request(`api/statistics?${query}`)
    } catch (error) {
      this.#told.textContent = /** @type {Error} */ (error).message
      return
    }
    this.#show()
  }

  #show() {
    if (!this.#statistics) return
    const { items, since, until } = this.#statistics
    const none = items.length === 0
    this.#told.textContent = none ? t("numbers.none", { count: this.#days }) : ""
    this.#body.hidden = none
    this.#file.hidden = none
    if (none) return
    for (const radio of this.#measure.querySelectorAll("input")) radio.checked = radio.value === this.#wanted
    this.#showSums(sumOf(items))
    this.#showPlot(barsOf(since, until, items.map((one) => ({ day: one.day, value: valueOf(one, this.#wanted) }))))
    const several = new Set(items.map(({ endpoint }) => endpoint)).size > 1
    this.#models.replaceChildren(table(t("numbers.model"), sumsBy(items, (one) => several ? `${one.model} · ${one.endpoint}` : one.model)))
    const days = sumsBy(items, (one) => one.day).sort((one, other) => other.name.localeCompare(one.name))
    this.#daily.replaceChildren(table(t("numbers.day"), days.map((one) => ({ ...one, name: dayOf(one.name) }))))
  }

  /** @param {Sum} sum */
  #showSums(sum) {
    const shown = [
      [t("numbers.answers"), number(sum.answers)], [t("numbers.tokens"), number(sum.tokens)],
      [t("numbers.cost"), sum.cost === null ? "–" : dollars(sum.cost)],
      [t("numbers.speed"), sum.speed === null ? "–" : t("stats.speed", { speed: number(sum.speed, 1) })],
    ]
    this.#sums.replaceChildren(...shown.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))))
  }

  /** @param {import("../lib/plot.js").Bar[]} all */
  #showPlot(all) {
    const value = (/** @type {number} */ one) => this.#wanted === "cost" ? dollars(one) : number(one)
    const span = (/** @type {{from: string, to: string}} */ { from, to }) => from === to ? dayOf(from) : `${dayOf(from)} – ${dayOf(to)}`
    const name = t(`numbers.${this.#wanted}`)
    const most = all.reduce((one, other) => other.value > one.value ? other : one)
    const label = t("numbers.plot", { name, from: dayOf(all[0].from), to: dayOf(all[all.length - 1].to), value: value(most.value), day: span(most) })
    const { svg, top } = bars(all, label, (bar) => `${span(bar)}: ${value(bar.value)}`)
    this.#plot.replaceChildren(
      h("div", { class: "plot-scale", "aria-hidden": "true" }, h("span", {}, value(top)), h("span", {}, value(top / 2)), h("span", {}, value(0))),
      svg,
      h("div", { class: "plot-days", "aria-hidden": "true" }, h("span", {}, dayOf(all[0].from)), h("span", {}, dayOf(all[all.length - 1].to))))
  }
}

/** @param {string} first name of the first column @param {Sum[]} sums */
function table(first, sums) {
  const head = [first, t("numbers.answers"), t("numbers.failed"), t("numbers.tokens"), t("numbers.written"), t("numbers.speedShort"), t("numbers.first"), t("numbers.cost")]
  return h("table", { class: "numbers" },
    h("thead", {}, h("tr", {}, ...head.map((name) => h("th", { scope: "col" }, name)))),
    h("tbody", {}, ...sums.map((sum) => h("tr", {}, h("th", { scope: "row", dir: "auto" }, sum.name), ...[
      number(sum.answers), number(sum.failed), number(sum.tokens), number(sum.written),
      sum.speed === null ? "–" : number(sum.speed, 1), sum.first === null ? "–" : number(sum.first, 1),
      sum.cost === null ? "–" : dollars(sum.cost),
    ].map((value) => h("td", {}, value))))))
}

/** @param {string} day */
function dayOf(day) {
  return date(new Date(day), dayShape)
}

/** Minutes that the clock here is ahead of UTC; all zones are whole quarters of an hour. */
function offset() {
  return Math.round(-new Date().getTimezoneOffset() / QUARTER) * QUARTER
}

customElements.define("number-settings", NumberSettings)
