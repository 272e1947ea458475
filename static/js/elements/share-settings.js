/** @file The settings of what is shared: the links to copies of all chats. */

import { ShareList } from "./share-list.js"

export class ShareSettings extends HTMLElement {
  #list = new ShareList()

  connectedCallback() {
    if (!this.firstChild) this.append(this.#list)
  }

  /** The section came in view. */
  shown() {
    this.#list.load(null)
  }
}

customElements.define("share-settings", ShareSettings)
