/** @file The files of a message that was sent: pictures to be looked at, others to be saved. */

import { addressOf } from "../lib/files-api.js"
import { isPicture } from "../lib/files.js"
import { t } from "../lib/t.js"
import { fileSize } from "../lib/words.js"
import { h, icon } from "./h.js"

/** @typedef {import("../types.js").Attachment} Attachment */

/** Pictures emit `picture` with the attachment. @param {Attachment[]} files @param {import("./message-tools.js").Emit} emit */
export function listItems(files, emit) {
  return files.map((one) => (isPicture(one.type) ? pictureItem(one, emit) : fileItem(one)))
}

/** @param {Attachment} one @param {import("./message-tools.js").Emit} emit */
function pictureItem(one, emit) {
  const image = h("img", { src: addressOf(one), alt: "", loading: "lazy", decoding: "async" })
  const item = h("li", { class: "picture-item" }, h("button", {
    type: "button", class: "picture-button", "aria-label": t("files.look", { name: one.name }), title: one.name,
    onclick: () => emit("picture", one),
  }, image))
  image.onerror = () => item.replaceWith(h("li", {}, icon("file"), h("span", { dir: "auto" }, one.name), h("small", {}, t("files.gone"))))
  return item
}

/** @param {Attachment} one */
function fileItem(one) {
  return h("li", {}, icon("file"), h("a", { href: addressOf(one), download: one.name, dir: "auto" }, one.name),
    h("small", {}, fileSize(one.size)))
}
