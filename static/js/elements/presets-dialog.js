/** @file The presets: added, changed, deleted. Loaded when it is first wanted. Emits `preset-kept` with a new one. */

import { h, iconButton } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { presetBadge } from "../dom/preset-badge.js"
import { countOf } from "../lib/chat-settings.js"
import { COLOURS, LONGEST_NAME, startersIn } from "../lib/presets.js"
import { inOneLine } from "../lib/problems.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { presets } from "../state/presets.js"

/** @typedef {import("../lib/presets.js").Preset} Preset @typedef {import("../state/presets.js").Draft} Draft */
/** @typedef {import("../lib/chat-settings.js").Settings} Settings */

/** @type {Draft} */
const EMPTY = { name: "", icon: "", colour: "grey", starters: [], settings: {} }

export class PresetsDialog extends HTMLElement {
  #title = h("h2", { id: "presets-title", tabindex: "-1" }, t("presets.title"))
  #empty = h("p", { class: "prompts-empty" }, t("presets.empty"))
  #list = h("ul", { class: "kept-prompts", "aria-label": t("presets.kept") })
  #heading = h("h3")
  #name = h("input", { class: "field", required: true, maxlength: LONGEST_NAME, autocomplete: "off", dir: "auto", oninput: () => this.#preview() })
  #icon = h("input", { class: "field", maxlength: "16", autocomplete: "off", dir: "auto", oninput: () => this.#preview() })
  #colours = h("div", { class: "swatches", role: "radiogroup", "aria-label": t("presets.colour") }, ...COLOURS.map((colour) =>
    h("label", { class: "swatch", "data-colour": colour, title: t(`colour.${colour}`) },
      h("input", { type: "radio", name: "preset-colour", value: colour, class: "visually-hidden", "aria-label": t(`colour.${colour}`), onchange: () => this.#preview() }))))
  #badge = h("span", { class: "preset-preview" })
  #starters = h("textarea", { class: "field", rows: "3", dir: "auto" })
  #take = h("input", { type: "checkbox", onchange: () => this.#count() })
  #taking = h("label", { class: "check" }, this.#take, t("presets.take"))
  #settings = h("p", { class: "prompts-hint" })
  #problem = h("p", { class: "prompts-problem", role: "alert" })
  #dialog = h("dialog", { class: "dialog prompts-dialog", "aria-labelledby": "presets-title", onclick: (/** @type {Event} */ event) => this.#onOutside(event) },
    h("div", { class: "dialog-head" }, this.#title, iconButton("close", t("dialog.close"), () => this.#dialog.close())),
    this.#empty, this.#list,
    h("form", { class: "prompt-form", onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) }, this.#heading,
      h("div", { class: "preset-fields" }, this.#badge, h("label", {}, t("prompts.name"), this.#name), h("label", {}, t("presets.icon"), this.#icon)),
      this.#colours, h("label", {}, t("presets.starters"), this.#starters), this.#settings, this.#taking, this.#problem,
      h("div", { class: "dialog-foot" }, h("button", { type: "submit", class: "button main-button" }, t("editor.save")))))
  /** @type {{id: string|null, draft: Draft}} what is being changed */
  #edited = { id: null, draft: EMPTY }
  /** @type {Settings} of the chat in view */
  #ofChat = {}

  connectedCallback() {
    if (this.firstChild) return
    this.append(this.#dialog)
    effect(() => this.#show(presets.all.get()))
  }

  /** @param {Settings} ofChat those of the chat in view @param {boolean} [keep] they are to be kept */
  open({ preset: _, ...ofChat }, keep = false) {
    if (this.#dialog.open) return
    this.#ofChat = ofChat
    this.#edit(null, { ...EMPTY, settings: ofChat })
    this.#dialog.showModal()
    const start = keep ? this.#name : this.#title
    start.focus()
    this.#attempt(presets.load())
  }

  /** @param {Preset[]} all */
  #show(all) {
    this.#empty.hidden = all.length > 0
    this.#list.replaceChildren(...all.map((one) => h("li", {}, presetBadge(one),
      h("span", { class: "prompt-words" }, h("strong", { dir: "auto" }, one.name), h("small", {}, summaryOf(one.settings))),
      this.#button("edit", t("message.edit"), one, () => [this.#edit(one.id, one), this.#name.focus()]),
      this.#button("trash", t("delete.go"), one, () => this.#remove(one)))))
  }

  /** @param {Parameters<typeof iconButton>[0]} name @param {string} label @param {Preset} one @param {() => void} deed */
  #button(name, label, one, deed) {
    const button = iconButton(name, label, deed)
    button.setAttribute("aria-label", t("files.labelled", { label, name: one.name }))
    return button
  }

  /** @param {string|null} id @param {Draft} draft */
  #edit(id, draft) {
    this.#edited = { id, draft }
    this.#heading.textContent = t(id === null ? "presets.add" : "presets.change")
    this.#name.value = draft.name
    this.#icon.value = draft.icon
    this.#starters.value = draft.starters.join("\n")
    this.#take.checked = false
    this.#taking.hidden = id === null || !countOf(this.#ofChat)
    for (const radio of this.#colours.querySelectorAll("input")) radio.checked = radio.value === draft.colour
    this.#problem.textContent = ""
    this.#preview()
    this.#count()
  }

  get #colour() {
    return /** @type {Draft["colour"]} */ (this.#colours.querySelector("input:checked")?.getAttribute("value") ?? "grey")
  }

  get #wanted() {
    return this.#take.checked ? this.#ofChat : this.#edited.draft.settings
  }

  #preview() {
    this.#badge.replaceChildren(presetBadge({ name: this.#name.value, icon: this.#icon.value.trim(), colour: this.#colour }))
  }

  #count() {
    this.#settings.textContent = summaryOf(this.#wanted)
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault()
    const name = this.#name.value.trim()
    if (!name) return
    const { id } = this.#edited
    const draft = { name, icon: this.#icon.value.trim(), colour: this.#colour, starters: startersIn(this.#starters.value), settings: this.#wanted }
    const saved = await this.#attempt(presets.save(id, draft))
    if (!saved) return
    this.#edit(null, { ...EMPTY, settings: this.#ofChat })
    this.#name.focus()
    if (id === null) emitter(this)("preset-kept", saved)
  }

  /** @param {Preset} gone */
  async #remove({ id }) {
    this.#title.focus() // the button goes
    if (this.#edited.id === id) this.#edit(null, { ...EMPTY, settings: this.#ofChat })
    await this.#attempt(presets.remove(id))
  }

  /** @template T @param {Promise<T>} work @returns {Promise<T|null>} null: it is told why it was not done */
  #attempt(work) {
    this.#problem.textContent = ""
    return work.catch((error) => {
      this.#problem.textContent = inOneLine(error)
      return null
    })
  }

  /** @param {Event} event */
  #onOutside({ target }) {
    if (target === this.#dialog) this.#dialog.close()
  }
}

/** @param {Settings} settings */
function summaryOf(settings) {
  const count = countOf(settings)
  const first = settings.system?.trim().slice(0, 120) ?? settings.model ?? ""
  return [t("presets.count", { count }), first].filter(Boolean).join(" · ")
}

customElements.define("presets-dialog", PresetsDialog)
