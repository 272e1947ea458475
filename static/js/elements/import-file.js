/** @file One file that is being imported: what is in it, how far it is, and how it went. */

import { h, iconButton } from "../dom/h.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { content, effectOf, formatName, sizeName, skippedCount } from "../lib/transfer-words.js"

/** @typedef {import("../state/import-run.js").ImportRun} ImportRun @typedef {import("../state/import-run.js").Phase} Phase @typedef {import("../lib/transfer-api.js").Report} Report */

const MOST_SKIPPED = 100 // that are listed

/** Emits `file-gone` when it is put away. */
export class ImportFile extends HTMLElement {
  #name = h("p", { class: "file-name", dir: "auto" })
  #said = h("p", { class: "file-said", role: "status" })
  #effect = h("p", { class: "file-effect" })
  #progress = h("progress", { max: 1, "aria-label": t("import.progress") })
  #skipped = h("details", { class: "file-skipped", hidden: true }, h("summary", {}), h("ul", {}))
  #close = iconButton("close", t("import.remove"), () => this.#onClose())
  #stop = () => {}

  /** @param {ImportRun} run */
  watch(run) {
    this.run = run
    this.#name.append(h("strong", {}, run.file.name), ` ${sizeName(run.file.size)}`)
    this.append(h("div", { class: "file-head" }, this.#name, this.#close), this.#said, this.#progress, this.#effect, this.#skipped)
    this.#stop = effect(() => this.#show(run.phase.get()))
  }

  disconnectedCallback() {
    this.#stop()
  }

  /** @param {Phase} phase */
  #show(phase) {
    const { step, part, report, dry } = phase
    const busy = step === "waiting" || step === "sending" || step === "working"
    this.dataset.step = step
    this.#progress.hidden = !busy
    if (step === "sending" || part > 0) this.#progress.value = part
    else this.#progress.removeAttribute("value")
    const label = busy ? (dry ? t("import.cancelReading") : t("import.cancel")) : t("import.remove")
    this.#close.setAttribute("aria-label", `${label}: ${this.run?.file.name}`)
    this.#close.title = label
    const said = this.#words(phase)
    if (said !== this.#said.textContent) this.#said.textContent = said // or it would be read out each time
    this.#effect.textContent = report && (step === "looked" || step === "done") && report.format ? effectOf(report) : ""
    this.#showSkipped(busy ? null : report)
  }

  /** @param {Phase} phase */
  #words({ step, dry, report, problem }) {
    if (step === "failed") return problem ?? ""
    if (step === "waiting") return t("import.waiting")
    if (step === "sending") return t("import.sending")
    if (step === "working") return dry ? t("import.looking") : t("import.running")
    if (step === "cancelled") return dry || !report ? t("transfer.cancelled") : `${t("transfer.cancelled")} ${effectOf({ ...report, dry_run: false })}`
    if (!report?.format) return report ? t("import.nothing") : ""
    return `${formatName(report.format)}: ${content(report)}`
  }

  /** @param {Report|null} report */
  #showSkipped(report) {
    const count = report ? skippedCount(report) : 0
    const listed = report?.skipped.slice(0, MOST_SKIPPED) ?? []
    const [summary, list] = this.#skipped.children
    this.#skipped.hidden = count === 0
    if (!report?.format) this.#skipped.open = count > 0 // it says why
    summary.textContent = t("transfer.skipped", { count })
    list.replaceChildren(
      ...listed.map(({ what, why }) => h("li", { dir: "auto" }, h("strong", {}, what), `: ${why}`)),
      ...(count > listed.length ? [h("li", {}, t("import.more", { more: count - listed.length }))] : []))
  }

  #onClose() {
    if (this.run?.isBusy) this.run.cancel()
    else this.dispatchEvent(new CustomEvent("file-gone", { bubbles: true }))
  }
}

customElements.define("import-file", ImportFile)
