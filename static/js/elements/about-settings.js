/** @file What this is: the version that runs, and who made it together with whom. */

import { h } from "../dom/h.js"
import { version } from "../lib/about-api.js"
import { t } from "../lib/t.js"

export class AboutSettings extends HTMLElement {
  #version = h("p", { class: "about-version" })

  connectedCallback() {
    if (this.firstChild) return
    this.append(
      h("h3", {}, "llmchat"), this.#version,
      h("p", { class: "about-text" }, t("about.text")),
      h("a", { class: "button", href: "licenses", target: "_blank" }, t("about.licenses")))
  }

  /** The section came in view. */
  async shown() {
    if (this.#version.firstChild) return
    try {
      this.#version.textContent = t("about.version", { version: await version() })
    } catch {
      this.#version.textContent = t("api.offline") // and the next time it is asked again
    }
  }

  /** It went out of view. */
  left() {
    if (this.#version.textContent === t("api.offline")) this.#version.textContent = ""
  }
}

customElements.define("about-settings", AboutSettings)
