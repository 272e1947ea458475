/** @file What a block of code draws, in a frame that can fetch nothing and reach nothing (static/preview/). */

import { h } from "../dom/h.js"
import { t } from "../lib/t.js"
import { drawsDiagrams } from "../state/preferences.js"

/** @typedef {import("../lib/code-kinds.js").Kind} Kind */

const LEAST = 48
const MOST = 640
const FRAMES = { mermaid: "diagram", svg: "diagram", html: "page" }

/** @type {Promise<string>|null} the library that draws diagrams, as text: only a frame runs it */
let library = null

export class CodePreview extends HTMLElement {
  /** @type {Kind} */
  #kind = "svg"
  #source = ""
  #note = h("p", { class: "preview-note", role: "status" })
  /** @type {HTMLIFrameElement|null} */
  #frame = null
  #themes = new MutationObserver(() => this.#send())

  connectedCallback() {
    addEventListener("message", this.#onMessage)
    this.#themes.observe(document.documentElement, { attributeFilter: ["data-theme"] })
  }

  disconnectedCallback() {
    removeEventListener("message", this.#onMessage)
    this.#themes.disconnect()
  }

  get shown() {
    return this.#frame !== null
  }

  /** @param {Kind} kind @param {string} source */
  offer(kind, source) {
    if (kind === this.#kind && source === this.#source) return
    this.#kind = kind
    this.#source = source
    this.#close()
    if (kind === "mermaid" && drawsDiagrams.get()) this.toggle()
  }

  toggle() {
    if (this.#frame) return this.#close()
    this.#note.textContent = this.#kind === "mermaid" ? t("preview.drawing") : ""
    this.#frame = h("iframe", {
      sandbox: "allow-scripts", referrerpolicy: "no-referrer", title: t(`preview.${this.#kind}`), "data-kind": this.#kind, height: LEAST,
      src: new URL(`../../preview/${FRAMES[this.#kind]}.html`, import.meta.url).href,
    })
    this.replaceChildren(this.#frame, this.#note)
  }

  #close() {
    this.#frame = null
    this.replaceChildren()
  }

  /** Whatever the frame says is only ever a height or a text. */
  #onMessage = (/** @type {MessageEvent} */ { source, data }) => {
    if (!this.#frame || source !== this.#frame.contentWindow || typeof data !== "object" || data === null) return
    if (data.ready === true) this.#send()
    if (data.shown === true) this.#note.textContent = ""
    if (Number.isFinite(data.height)) this.#frame.height = String(Math.min(MOST, Math.max(LEAST, data.height)))
    if (typeof data.error === "string" && this.#kind !== "html") this.#fail(data.error.slice(0, 300))
  }

  async #send() {
    const frame = this.#frame
    if (!frame) return
    const message = { kind: this.#kind, source: this.#source, dark: isDark(), library: "" }
    if (this.#kind === "mermaid") {
      try {
        message.library = await fetchLibrary()
      } catch {
        return this.#fail(t("preview.library"))
      }
    }
    // The frame's origin is opaque: no other target can be named. What is sent is what is shown.
    if (frame === this.#frame) frame.contentWindow?.postMessage(message, "*")
  }

  /** @param {string} reason */
  #fail(reason) {
    this.#note.textContent = t("preview.failed", { reason })
    if (this.#frame) this.#frame.hidden = true
  }
}

function isDark() {
  const { theme } = document.documentElement.dataset
  return theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches)
}

function fetchLibrary() {
  library ??= fetch(new URL("../../vendor/mermaid.js", import.meta.url)).then((response) => {
    if (!response.ok) throw new Error(String(response.status))
    return response.text()
  })
  library.catch(() => (library = null))
  return library
}

customElements.define("code-preview", CodePreview)
