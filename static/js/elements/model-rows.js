/** @file The rows of model files in the settings: what each is, and what can be done with it. */

import { h, icon, iconButton } from "../dom/h.js"
import { allFacts } from "../lib/model-files.js"
import { explained } from "../lib/problems.js"
import { t } from "../lib/t.js"
import { fileSize } from "../lib/words.js"

/** @typedef {{use: (id: string) => void, remove: (file: string) => void}} Deeds */

/** @param {import("../types.js").Model} model @param {boolean} used @param {Deeds} deeds */
export function modelRow(model, used, deeds) {
  const { id, file } = model
  if (!file) return h("li")
  const state = file.state !== "off" && h("small", { class: `model-state ${file.state}` }, t(`local.${file.state}`))
  const lines = [
    file.title !== id && h("small", { dir: "auto" }, file.title), h("small", {}, allFacts(model)), state,
    !file.chat_template && h("small", {}, t("local.noTemplate")),
  ]
  const use = used ? h("span", { class: "model-used" }, icon("check"), t("local.used")) : useButton(id, deeds)
  return row(id, "", lines, use, remover(file.name, deeds))
}

/** @param {import("../types.js").RefusedFile} refused @param {Deeds} deeds */
export function refusedRow({ file, size_bytes: size, code, reason }, deeds) {
  const { text, detail } = explained({ code, message: reason })
  return row(file, fileSize(size), [h("small", { class: "model-why-not" }, text), detail && h("small", {}, detail)], remover(file, deeds))
}

/** @param {string} name @param {string} size @param {import("../dom/h.js").Child[]} lines @param {...HTMLElement} deeds */
function row(name, size, lines, ...deeds) {
  return h("li", { class: "model-file" },
    h("div", { class: "model-about" }, h("p", { dir: "auto" }, h("strong", {}, name), size && h("span", { class: "model-size" }, size)), ...lines),
    h("div", { class: "model-deeds" }, ...deeds))
}

/** `data-deed` finds the same button in the next list. @param {string} id @param {Deeds} deeds */
function useButton(id, { use }) {
  return h("button", { type: "button", class: "button", "data-deed": `use ${id}`, "aria-label": `${t("local.use")}: ${id}`, onclick: () => use(id) }, t("local.use"))
}

/** @param {string} file @param {Deeds} deeds */
function remover(file, { remove }) {
  const button = iconButton("trash", `${t("local.remove")}: ${file}`, () => remove(file))
  button.dataset.deed = `remove ${file}`
  return button
}
