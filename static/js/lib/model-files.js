/** @file What the page says about model files of this computer. */

import { number, t } from "./t.js"
import { fileSize } from "./words.js"

/** @typedef {import("../types.js").ModelFile} ModelFile @typedef {import("../types.js").Model} Model */

/** Whether a file is meant to be a model, and no attachment. @param {{name: string}} file */
export function isModelFile({ name }) {
  return /\.gguf$/i.test(name)
}

/** In the list of models. @param {Model} model */
export function shortFacts({ file, context_window: window }) {
  return [file?.quantisation, file && fileSize(file.size_bytes), window && context(window)].filter(Boolean).join("\u00a0· ")
}

/** Where there is room for all of it. @param {Model} model */
export function allFacts({ file, context_window: window }) {
  if (!file) return ""
  const trained = file.context_length && file.context_length !== window
  return [
    file.quantisation, fileSize(file.size_bytes), t("models.parameters", { count: short(file.parameters) }),
    window && (trained ? t("models.contextOf", { size: kilo(window), most: kilo(file.context_length ?? 0) }) : context(window)),
    t("models.needs", { size: fileSize(file.needed_bytes) }),
  ].filter(Boolean).join("\u00a0· ")
}

/** @param {number} tokens */
function context(tokens) {
  return t("model.context", { size: kilo(tokens) })
}

/** @param {number} tokens */
function kilo(tokens) {
  return Math.round(tokens / 1024)
}

/** 7,241,732,096 are 7.2 B, as models are named. @param {number} count */
function short(count) {
  return count < 1e9 ? `${number(Math.round(count / 1e6))} M` : `${number(count / 1e9, count < 1e10 ? 1 : 0)} B`
}
