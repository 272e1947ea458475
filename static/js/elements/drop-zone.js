/** @file Files that are dropped anywhere on the chat. Emits `files-dropped` with them. */

import { h, icon } from "../dom/h.js"
import { t } from "../lib/t.js"

export class DropZone extends HTMLElement {
  connectedCallback() {
    this.hidden = true
    this.append(h("p", {}, icon("file"), t("files.drop")))
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) addEventListener(name, this.#onDrag)
  }

  disconnectedCallback() {
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) removeEventListener(name, this.#onDrag)
  }

  #onDrag = (/** @type {Event} */ event) => {
    const { type, dataTransfer, relatedTarget } = /** @type {DragEvent} */ (event)
    if (!dataTransfer?.types.includes("Files")) return
    event.preventDefault() // else the browser leaves the page to show the file
    if (document.querySelector("dialog[open]")) return
    if (type === "dragleave" && relatedTarget) return
    this.hidden = type === "dragleave" || type === "drop"
    if (type === "drop") this.dispatchEvent(new CustomEvent("files-dropped", { bubbles: true, detail: [...dataTransfer.files] }))
  }
}

customElements.define("drop-zone", DropZone)
