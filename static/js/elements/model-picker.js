/** @file Names the model that answers and why, and lets another one be chosen. Emits `open-settings`. */

import { toggle } from "../dom/fields.js"
import { h, icon } from "../dom/h.js"
import { presetBadge } from "../dom/preset-badge.js"
import { hasAll, wordsOf } from "../lib/filter.js"
import { fileFacts, placesOf } from "../lib/model-files.js"
import { effect } from "../lib/signal.js"
import { t } from "../lib/t.js"
import { MOST_ASKED } from "../state/catalogue.js"
import { presets } from "../state/presets.js"
import { PresetChoices } from "./preset-choices.js"
import { abilitiesOf, endpointName, reasonOf, troubleOf } from "../lib/words.js"

/** @typedef {import("../types.js").Model} Model */
/** @typedef {import("../types.js").Endpoint} Endpoint */
/** @typedef {import("../state/catalogue.js").Catalogue} Catalogue */

const MANY = 8 // from here on a list is searched

export class ModelPicker extends HTMLElement {
  #name = h("span", { class: "model-name" }, t("model.looking"))
  #preset = h("span", { class: "picker-preset", hidden: true })
  #presets = new PresetChoices()
  #why = h("p", { class: "model-why" })
  #filter = h("input", { class: "model-filter", type: "search", "aria-label": t("choose.filter"), placeholder: t("choose.filter"),
    autocomplete: "off", spellcheck: "false", enterkeyhint: "go", dir: "auto", hidden: true, oninput: () => this.#narrow(),
    onkeydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event) })
  #several = toggle((on) => this.#setSeveral(on))
  #severalRow = h("label", { class: "several-switch" }, h("span", {}, t("several.switch"), h("small", {}, t("several.text", { most: MOST_ASKED }))), this.#several)
  #groups = h("div", { class: "model-groups" })
  #nothing = h("p", { class: "model-nothing", role: "status" })
  #panel = h("div", { class: "panel model-panel", id: "models", popover: true, role: "dialog", "aria-label": t("model.label") },
    this.#why, this.#presets, this.#filter, this.#severalRow, this.#groups, this.#nothing,
    h("div", { class: "panel-feet" },
      h("button", { type: "button", class: "panel-foot", onclick: () => this.#onAdd() }, icon("plus"), t("local.addFile")),
      h("button", { type: "button", class: "panel-foot", onclick: () => this.#openEndpoints() }, icon("settings"), t("ep.title"))))
  #button = h("button", {
    type: "button", class: "picker-button", popovertarget: "models", "aria-haspopup": "dialog",
  }, this.#preset, this.#name, icon("chevron"))
  #shown = ""
  #end = () => {}
  #endFollowing = () => {}
  /** @type {Catalogue|null} */
  #catalogue = null
  #many = false // several are being chosen

  connectedCallback() {
    this.#presets.dataset.manage = ""
    this.#presets.addEventListener("click", () => this.#panel.hidePopover())
    this.append(this.#button, this.#panel)
  }

  disconnectedCallback() {
    this.#end()
    this.#endFollowing()
  }

  /** Show the list, and go to what is chosen in it. */
  open() {
    this.#panel.showPopover()
    const radio = this.#groups.querySelector("input:checked") ?? this.#groups.querySelector("input")
    const start = this.#filter.hidden ? radio : this.#filter
    if (start instanceof HTMLElement) start.focus()
  }

  #openEndpoints() {
    this.#panel.hidePopover()
    this.dispatchEvent(new CustomEvent("open-settings", { detail: "endpoints", bubbles: true }))
  }

  /** @param {Catalogue} catalogue */
  watch(catalogue) {
    this.#catalogue = catalogue
    this.#panel.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "open") {
        catalogue.reread() // a model file may have been put into its folder
      } else {
        this.#filter.value = ""
        this.#narrow()
      }
    })
    this.#end = effect(() => this.#show(catalogue))
  }

  /** The preset of the chat in view stands before the model. @param {import("../state/chat-settings.js").ChatSettings} settings */
  follow(settings) {
    this.#presets.watch(settings)
    this.#endFollowing = effect(() => {
      const preset = presets.get(settings.now.get().preset)
      this.#preset.hidden = preset === null
      this.#preset.replaceChildren(...preset ? [presetBadge(preset), h("span", { dir: "auto" }, preset.name)] : [])
    })
  }

  /** @param {Catalogue} catalogue */
  #show(catalogue) {
    const models = catalogue.models.get()
    const current = catalogue.current()
    const name = current?.id ?? models.default
    const several = catalogue.several.get()
    if (several.length === 0) this.#many = false
    this.#several.checked = this.#many
    this.#severalRow.hidden = models.data.length < 2
    if (several.length > 1) this.#name.textContent = t("several.named", { model: nameOf(several[0]), count: several.length - 1 })
    else this.#name.textContent = name ? nameOf(name) : models.ready ? t("model.none") : t("model.looking")
    const chosen = current && current.id !== models.default
    const place = models.endpoints.find((one) => one.name === current?.endpoint)
    const ofChat = catalogue.ofChat.get()
    const why = ofChat !== null ? (current?.id === ofChat ? t("model.ofChat") : t("model.ofChatGone", { chosen: ofChat }))
      : chosen && place ? t("model.chosen", { place: endpointName(place) }) : reasonOf(models)
    this.#why.textContent = why
    this.#button.title = why
    const shown = JSON.stringify([models, current?.id, this.#many, several], withoutAge)
    if (shown !== this.#shown) this.#list(catalogue)
    this.#shown = shown
  }

  /** The list is made anew; whoever is in it stays there. @param {Catalogue} catalogue */
  #list(catalogue) {
    const models = catalogue.models.get()
    const focused = document.activeElement
    const held = focused instanceof HTMLInputElement && this.#groups.contains(focused) ? focused.value : null
    const current = catalogue.current()
    const listed = models.data.filter((one) => !one.hidden || one === current)
    const favourites = listed.filter((one) => one.favourite)
    this.#groups.replaceChildren(
      ...(favourites.length ? [this.#fieldset(h("legend", {}, t("model.favourites")), favourites, catalogue)] : []),
      ...placesOf(models.endpoints, listed.filter((one) => !one.favourite)).map(([endpoint, found]) => this.#group(endpoint, found, catalogue)))
    const few = this.#filter.hidden
    this.#filter.hidden = models.data.length < MANY
    this.#narrow()
    if (held === null) return
    if (few && !this.#filter.hidden) return this.#filter.focus() // it was opened before the list came
    const radio = this.#groups.querySelector(`input[value="${CSS.escape(held)}"]`)
    if (radio instanceof HTMLElement) radio.focus()
  }

  /** Only the models in which every word that is typed occurs. */
  #narrow() {
    const words = wordsOf(this.#filter.value)
    for (const choice of this.#groups.querySelectorAll("label")) choice.hidden = !hasAll(choice.textContent ?? "", words)
    for (const group of this.#groups.querySelectorAll("fieldset")) {
      group.hidden = words.length > 0 && !group.querySelector("label:not([hidden])")
    }
    this.#nothing.textContent = words.length && !this.#found.length ? t("choose.count", { count: 0 }) : ""
  }

  get #found() {
    return /** @type {HTMLInputElement[]} */ ([...this.#groups.querySelectorAll("label:not([hidden]) input")])
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const [first] = this.#found
    if (event.isComposing || !first || event.key !== "Enter" && event.key !== "ArrowDown") return
    event.preventDefault()
    if (event.key === "ArrowDown") return (this.#found.find((one) => one.checked) ?? first).focus()
    first.click()
    this.#panel.hidePopover()
  }

  #onAdd() {
    this.#panel.hidePopover()
    this.dispatchEvent(new CustomEvent("open-settings", { bubbles: true, detail: "local" }))
  }

  /** Beginning with the one that answers now. @param {boolean} on */
  #setSeveral(on) {
    const catalogue = /** @type {Catalogue} */ (this.#catalogue)
    this.#many = on
    const id = catalogue.current()?.id
    catalogue.several.set(on && id ? [id] : [])
    this.#show(catalogue)
  }

  /** @param {Endpoint} endpoint @param {Model[]} models @param {Catalogue} catalogue */
  #group(endpoint, models, catalogue) {
    const state = endpoint.kind !== "local" && h("span", { class: `endpoint-state ${endpoint.state}` }, stateOf(endpoint))
    const legend = h("legend", {}, endpointName(endpoint), state)
    const group = this.#fieldset(legend, models, catalogue)
    if (endpoint.error) legend.after(h("p", { class: "endpoint-error" }, troubleOf(endpoint)))
    return group
  }

  /** @param {HTMLElement} legend @param {Model[]} models @param {Catalogue} catalogue */
  #fieldset(legend, models, catalogue) {
    const current = catalogue.current()
    return h("fieldset", { class: "choices" }, legend, ...models.map((model) => this.#choice(model, model === current, catalogue)))
  }

  /** @param {Model} model @param {boolean} checked @param {Catalogue} catalogue */
  #choice(model, checked, catalogue) {
    const several = catalogue.several.get()
    const chosen = several.includes(model.id)
    const radio = this.#many ? h("input", {
      type: "checkbox", value: model.id, checked: chosen, disabled: !chosen && several.length >= MOST_ASKED,
      onchange: () => catalogue.toggle(model.id),
    }) : h("input", {
      type: "radio", name: "model", value: model.id, checked, onchange: () => catalogue.choose(model.id),
      onclick: (/** @type {MouseEvent} */ event) => event.detail && this.#panel.hidePopover(),
    })
    return h("label", { class: "choice" }, radio, h("span", {}, nameOf(model.id),
      h("small", {}, [model.default && t("model.default"), ...fileFacts(model), ...abilitiesOf(model)].filter(Boolean).join(" · "))))
  }
}

/** How old the list of an endpoint is always changes, and is not shown. @param {string} name @param {unknown} value */
function withoutAge(name, value) {
  return name === "age_seconds" ? undefined : value
}

/** The last part of a path-like id, as files and hubs name their models. @param {string} id */
function nameOf(id) {
  return id.replace(/\.gguf$/i, "")
}

/** @param {Endpoint} endpoint */
function stateOf({ state }) {
  return t(`endpoint.${state}`)
}

customElements.define("model-picker", ModelPicker)
