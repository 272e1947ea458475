/** @file Short notices at the edge of the page, with at most one thing to do about them. */

import { announce } from "../dom/announce.js"
import { h, iconButton } from "../dom/h.js"
import { t } from "../lib/t.js"

const SHOWN_SECONDS = 10

/** Emits `notice-closed` when the focus was in a notice that goes: somebody has to take it. */
export class NoticeStack extends HTMLElement {
  /** It goes after ten seconds, but not while it is pointed at or has the focus. @param {string} text @param {{label: string, run: () => void}} [action] */
  show(text, action) {
    const notice = h("div", { class: "notice" }, h("p", { dir: "auto" }, text))
    const timer = setInterval(() => {
      if (!notice.matches(":hover, :focus-within")) close()
    }, SHOWN_SECONDS * 1000)
    const close = () => {
      clearInterval(timer)
      const focused = notice.querySelector(":focus-visible") !== null
      notice.remove()
      if (focused) this.dispatchEvent(new Event("notice-closed", { bubbles: true }))
    }
    if (action) notice.append(this.#button(action, close))
    notice.append(iconButton("close", t("notice.close"), close))
    this.append(notice)
    announce(text)
  }

  /** @param {{label: string, run: () => void}} action @param {() => void} close */
  #button({ label, run }, close) {
    const onclick = () => {
      close()
      run()
    }
    return h("button", { type: "button", class: "button", onclick }, label)
  }
}

customElements.define("notice-stack", NoticeStack)
