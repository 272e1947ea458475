/** @file Short notices at the edge of the page, with at most one thing to do about them. */

import { announce } from "../dom/announce.js"
import { h } from "../dom/h.js"

const SHOWN_SECONDS = 10

export class NoticeStack extends HTMLElement {
  /** It goes after ten seconds, but not while it is pointed at or has the focus. @param {string} text @param {{label: string, run: () => void}} [action] @param {() => void} [unused] when it goes without being used */
  show(text, action, unused = () => {}) {
    const notice = h("div", { class: "notice" }, h("p", { dir: "auto" }, text))
    const gone = () => {
      if (notice.matches(":hover, :focus-within")) return void setTimeout(gone, 1000)
      notice.remove()
      unused()
    }
    const timer = setTimeout(gone, SHOWN_SECONDS * 1000)
    if (action) {
      notice.append(h("button", {
        type: "button", class: "button",
        onclick: () => {
          clearTimeout(timer)
          notice.remove()
          action.run()
        },
      }, action.label))
    }
    this.append(notice)
    announce(text)
  }
}

customElements.define("notice-stack", NoticeStack)
