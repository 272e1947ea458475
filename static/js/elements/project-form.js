/** @file What a project is called, and what its chats begin with. Emits `project-draft` when something is written. */

import { h } from "../dom/h.js"
import { emitter } from "../dom/message-tools.js"
import { presetBadge } from "../dom/preset-badge.js"
import { COLOURS, LONGEST_NAME } from "../lib/presets.js"
import { t } from "../lib/t.js"
import { presets } from "../state/presets.js"

/** @typedef {import("../lib/projects-api.js").Draft} Draft */

const LONGEST_INSTRUCTIONS = 20000

/** @type {Draft} */
export const EMPTY = { name: "", icon: "", colour: "grey", system: "", model: null, preset: null }

export class ProjectForm extends HTMLElement {
  #name = h("input", { class: "field", required: true, maxlength: LONGEST_NAME, autocomplete: "off", dir: "auto" })
  #icon = h("input", { class: "field", maxlength: "16", autocomplete: "off", dir: "auto" })
  #badge = h("span", { class: "preset-preview" })
  #colours = h("div", { class: "swatches", role: "radiogroup", "aria-label": t("projects.colour") }, ...COLOURS.map((colour) =>
    h("label", { class: "swatch", "data-colour": colour, title: t(`colour.${colour}`) },
      h("input", { type: "radio", name: "project-colour", value: colour, class: "visually-hidden", "aria-label": t(`colour.${colour}`) }))))
  #system = h("textarea", { class: "field", rows: "5", maxlength: LONGEST_INSTRUCTIONS, dir: "auto", "aria-describedby": "project-instructions" })
  #model = h("select", { class: "select" })
  #preset = h("select", { class: "select" })
  #emit = emitter(this)

  connectedCallback() {
    if (this.firstChild) return
    this.append(
      h("div", { class: "preset-fields" }, this.#badge, h("label", {}, t("projects.name"), this.#name), h("label", {}, t("projects.icon"), this.#icon)),
      this.#colours,
      h("label", {}, t("projects.instructions"), this.#system), h("small", { class: "prompts-hint", id: "project-instructions" }, t("projects.instructionsText")),
      h("div", { class: "project-choices" }, h("label", {}, t("projects.model"), this.#model), h("label", {}, t("projects.preset"), this.#preset)))
    this.addEventListener("input", () => this.#preview())
    this.addEventListener("change", () => this.#emit("project-draft", null))
  }

  focus() {
    this.#name.focus()
  }

  /** @param {Draft} draft @param {string[]} models */
  show(draft, models) {
    this.#name.value = draft.name
    this.#icon.value = draft.icon
    this.#system.value = draft.system
    for (const radio of this.#colours.querySelectorAll("input")) radio.checked = radio.value === draft.colour
    const known = draft.model === null || models.includes(draft.model) ? models : [draft.model, ...models]
    this.#model.replaceChildren(h("option", { value: "" }, t("projects.noModel")), ...known.map((id) => h("option", { value: id }, id)))
    this.#model.value = draft.model ?? ""
    this.#preset.replaceChildren(h("option", { value: "" }, t("projects.noPreset")), ...presets.all.get().map(({ id, name }) => h("option", { value: id }, name)))
    this.#preset.value = presets.get(draft.preset ?? undefined)?.id ?? ""
    this.#preview()
  }

  /** @returns {Draft} */
  get draft() {
    return {
      name: this.#name.value.trim(), icon: this.#icon.value.trim(), system: this.#system.value,
      colour: /** @type {Draft["colour"]} */ (this.#colours.querySelector("input:checked")?.getAttribute("value") ?? "grey"),
      model: this.#model.value || null, preset: this.#preset.value || null,
    }
  }

  #preview() {
    this.#badge.replaceChildren(presetBadge(this.draft))
  }
}

customElements.define("project-form", ProjectForm)
