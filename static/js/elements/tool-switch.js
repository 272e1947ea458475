/** @file Which tool servers the chat in view may use: a switch for each; nothing where none is configured. */

import { announce } from "../dom/announce.js"
import { h, icon } from "../dom/h.js"
import { onMenuKey } from "../dom/menu.js"
import { style } from "../dom/style.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"

const GAP_PIXELS = 4

await style("tool-cards")

export class ToolSwitch extends HTMLElement {
  #list = h("div", {})
  #forget = h("button", { type: "button", role: "menuitem", class: "menu-item tool-forget", tabindex: "-1", onclick: () => this.#onForget() })
  #problem = h("p", { class: "tool-problem", hidden: true })
  #panel = h("div", {
    class: "panel composer-panel tool-panel", id: "tool-switch", popover: true, role: "menu", "aria-label": t("tools.title"),
    onkeydown: (/** @type {KeyboardEvent} */ event) => onMenuKey(event, this.#items, () => this.#panel.hidePopover()),
    ontoggle: (/** @type {Event} */ event) => this.#onToggle(event),
  }, h("p", { class: "menu-title", "aria-hidden": "true" }, t("tools.title")), this.#list, this.#forget, this.#problem)
  #count = h("span", { class: "tool-count" }) // its number is drawn: the label has the names
  #button = h("button", {
    type: "button", class: "icon-button tool-button", "aria-haspopup": "menu", "aria-expanded": "false", popovertarget: "tool-switch",
  }, icon("tool"), this.#count)
  /** @type {import("../state/tools.js").Tools|null} */
  #tools = null

  /** @param {import("../state/tools.js").Tools} tools */
  watch(tools) {
    this.#tools = tools
    if (!this.firstChild) this.append(this.#button, this.#panel)
    effect(() => this.#show(tools.servers.get(), tools.on.get(), tools.problem.get()))
    effect(() => this.#showApprovals(tools.approvals.get().length))
  }

  get #items() {
    return /** @type {HTMLButtonElement[]} */ ([...this.#panel.querySelectorAll("button:not([hidden])")])
  }

  /** @param {{name: string, kind: string}[]} servers @param {string[]} on @param {string|null} problem */
  #show(servers, on, problem) {
    const active = document.activeElement
    const held = active instanceof HTMLElement && this.#list.contains(active) ? active.dataset.server : null
    const gone = on.filter((name) => !servers.some((one) => one.name === name)).map((name) => ({ name, kind: "gone" }))
    const all = [...servers, ...gone]
    this.hidden = all.length === 0 && !problem
    this.#list.replaceChildren(...all.map(({ name, kind }) => this.#item(name, kind, on.includes(name))))
    this.#items.find((one) => one.dataset.server === held)?.focus()
    this.#problem.textContent = problem ?? ""
    this.#problem.hidden = !problem
    this.#count.dataset.count = on.length ? String(on.length) : ""
    const label = on.length ? t("tools.on", { names: on.join(", ") }) : t("tools.off")
    this.#button.setAttribute("aria-label", label)
    this.#button.title = label
    this.#button.toggleAttribute("data-on", on.length > 0)
  }

  /** @param {number} count */
  #showApprovals(count) {
    this.#forget.hidden = count === 0
    this.#forget.textContent = t("tools.forget", { count })
  }

  async #onForget() {
    this.#items[0]?.focus() // the entry goes
    await this.#tools?.forget()
    announce(t("tools.forgotten"))
  }

  /** @param {string} name @param {string} kind @param {boolean} checked */
  #item(name, kind, checked) {
    const hint = kind === "stdio" ? t("tools.here") : kind === "http" ? t("tools.elsewhere") : t("tools.gone")
    return h("button", {
      type: "button", role: "menuitemcheckbox", class: "menu-item", tabindex: "-1", "aria-checked": String(checked),
      "data-server": name, onclick: () => this.#tools?.toggle(name),
    }, h("span", { class: "tool-tick", "aria-hidden": "true" }, checked && icon("check")), h("span", { dir: "auto" }, name), h("small", {}, hint))
  }

  /** @param {Event} event */
  #onToggle(event) {
    const open = /** @type {ToggleEvent} */ (event).newState === "open"
    this.#button.setAttribute("aria-expanded", String(open))
    if (!open) return
    this.#tools?.refresh()
    const { left, right, top } = this.#button.getBoundingClientRect()
    const start = this.matches(":dir(rtl)") ? innerWidth - right : left
    this.#panel.style.setProperty("inset-block-end", `${innerHeight - top + GAP_PIXELS}px`)
    this.#panel.style.setProperty("inset-inline-start", `${start}px`)
    this.#items[0]?.focus()
  }
}

customElements.define("tool-switch", ToolSwitch)
