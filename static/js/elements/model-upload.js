/** @file One model file that is being sent: how far it is, and how it went. */

import { h, iconButton } from "../dom/h.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { fileSize } from "../lib/words.js"

/** @typedef {import("../state/model-upload.js").ModelUpload} Upload @typedef {import("../state/model-upload.js").Phase} Phase */

/** Emits `file-gone` when it is put away. */
export class ModelUploadElement extends HTMLElement {
  #name = h("p", { class: "file-name", dir: "auto" })
  #said = h("p", { class: "file-said", role: "status" })
  #detail = h("small", { dir: "auto" })
  #progress = h("progress", { max: 1, "aria-label": t("import.progress") })
  #close = iconButton("close", t("local.cancel"), () => this.#onClose())
  /** @type {Upload|null} */
  #upload = null
  #end = () => {}

  /** @param {Upload} upload */
  watch(upload) {
    this.#upload = upload
    this.#name.append(h("strong", {}, upload.file.name), ` ${fileSize(upload.file.size)}`)
    this.append(h("div", { class: "file-head" }, this.#name, this.#close), this.#said, this.#detail, this.#progress)
    this.#end = effect(() => this.#show(upload.phase.get()))
  }

  disconnectedCallback() {
    this.#end()
  }

  /** @param {Phase} phase */
  #show({ step, part, text, detail }) {
    const busy = ["waiting", "sending", "storing"].includes(step)
    this.dataset.step = step
    this.#progress.hidden = !busy
    if (step === "sending") this.#progress.value = part
    else this.#progress.removeAttribute("value")
    const label = `${t(busy ? "local.cancel" : "import.remove")}: ${this.#upload?.file.name}`
    this.#close.setAttribute("aria-label", label)
    this.#close.title = label
    const said = step === "failed" ? text : t(`local.${/** @type {"waiting"} */ (step)}`)
    if (said !== this.#said.textContent) this.#said.textContent = said // or it would be read out each time
    this.#detail.textContent = detail
  }

  #onClose() {
    if (this.#upload?.isBusy) this.#upload.cancel()
    else this.dispatchEvent(new CustomEvent("file-gone", { bubbles: true }))
  }
}

customElements.define("model-upload", ModelUploadElement)
