/** @file Takes the next keys that are pressed as those for something, unless they cannot be. */

import { isMac } from "../dom/keys.js"
import { labelOf, namesOf } from "../lib/key-names.js"
import { deedOf } from "../lib/keys-table.js"
import { t } from "../lib/t.js"
import { bind, keysNow } from "../state/bindings.js"

/** @typedef {import("../lib/keys-table.js").Deed} Deed @typedef {{deed: Deed, button: HTMLElement, shown: Node[], name: string, offered: string|null}} Waiting */

const WRITES = new Set(["c", "v", "x", "a", "z"].map((letter) => `Ctrl+${letter}`)) // what people write with
const BROWSERS = new Set(["n", "t", "w"].flatMap((letter) => [`Ctrl+${letter}`, `Ctrl+Shift+${letter}`]))
const ALONE = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock"])

export class KeyRecorder {
  /** @type {Waiting|null} */
  #now = null

  /** @param {(text: string) => void} tell */
  constructor(tell) {
    this.tell = tell
  }

  /** @param {Deed} deed @param {HTMLElement} button whose keys they are; it shows that it waits */
  record(deed, button) {
    if (this.#now) return
    this.#now = { deed, button, shown: [...button.childNodes], name: button.getAttribute("aria-label") ?? "", offered: null }
    button.replaceChildren(t("keys.press"))
    button.setAttribute("aria-label", `${t("keys.press")} ${t(`deeds.${deed}`)}`)
    button.toggleAttribute("data-recording", true)
    button.addEventListener("keydown", this.#onKey)
    button.addEventListener("blur", this.#onBlur)
    this.tell(t("keys.pressText"))
  }

  #onBlur = () => this.#end()

  #onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Tab" || event.isComposing || !this.#now) return
    event.preventDefault() // also the end of the dialog by Escape
    event.stopPropagation()
    if (event.repeat || ALONE.has(event.key)) return
    const { deed } = this.#now
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey
    if (plain && event.key === "Escape" && deed !== "stop") this.#finish(t("keys.kept"))
    else if (plain && (event.key === "Backspace" || event.key === "Delete")) this.#bind(this.#now, null)
    else this.#take(this.#now, namesOf(event, isMac))
  }

  /** @param {Waiting} waiting @param {string[]} names */
  #take(waiting, names) {
    const { deed, offered } = waiting
    const [name] = names
    if (!name) return this.tell(t("keys.bare"))
    const keys = labelOf(name, isMac)
    if (BROWSERS.has(name) || WRITES.has(name)) return this.tell(t("keys.reserved", { keys }))
    const rival = deedOf(keysNow(), names)
    if (!rival || rival === deed) return this.#bind(waiting, name)
    if (offered !== name) {
      waiting.offered = name
      return this.tell(t("keys.taken", { keys, name: t(`deeds.${rival}`) }))
    }
    bind(rival, null)
    return this.#bind(waiting, name)
  }

  /** @param {Waiting} waiting @param {string|null} name */
  #bind({ deed }, name) {
    const what = t(`deeds.${deed}`)
    this.#finish(name ? t("keys.bound", { name: what, keys: labelOf(name, isMac) }) : t("keys.unbound", { name: what }))
    bind(deed, name)
  }

  /** @param {string} text */
  #finish(text) {
    this.#end()
    this.tell(text)
  }

  #end() {
    if (!this.#now) return
    const { button, shown, name } = this.#now
    this.#now = null
    button.replaceChildren(...shown)
    button.setAttribute("aria-label", name)
    button.removeAttribute("data-recording")
    button.removeEventListener("keydown", this.#onKey)
    button.removeEventListener("blur", this.#onBlur)
    this.tell("")
  }
}
