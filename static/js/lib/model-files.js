/** @file What the page says about model files of this computer. */

import { number, t } from "./t.js"
import { fileSize } from "./words.js"

/** @typedef {import("../types.js").ModelFile} ModelFile @typedef {import("../types.js").Model} Model @typedef {import("../types.js").Endpoint} Endpoint */

/** Whether a file is meant to be a model, and no attachment. @param {{name: string}} file */
export function isModelFile({ name }) {
  return /\.gguf$/i.test(name)
}

/** In the list of models, before what else is known. @param {Model} model */
export function fileFacts({ file }) {
  return file ? [file.quantisation, fileSize(file.size_bytes)] : []
}

/**
 * The places that have models. Each model file is an endpoint of its own: together they are one place.
 *
 * @param {Endpoint[]} endpoints @param {Model[]} models @returns {[Endpoint, Model[]][]}
 */
export function placesOf(endpoints, models) {
  const local = endpoints.find((one) => one.kind === "local")
  return endpoints.filter((one) => one.kind !== "local" || one === local).map((endpoint) => [endpoint,
    models.filter((one) => endpoint === local ? one.kind === "local" : one.endpoint === endpoint.name)])
}

/** Where there is room for all of it. @param {Model} model */
export function allFacts({ file, context_window: window }) {
  if (!file) return ""
  const trained = file.context_length && file.context_length !== window
  return [
    file.quantisation, fileSize(file.size_bytes), t("local.parameters", { count: short(file.parameters) }),
    window && (trained ? t("local.contextOf", { size: kilo(window), most: kilo(file.context_length ?? 0) }) : context(window)),
    t("local.needs", { size: fileSize(file.needed_bytes) }),
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
