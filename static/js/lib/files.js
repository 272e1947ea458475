/** @file Which files may go with a message, and what they are to the page. */

import { t } from "./t.js"
import { fileSize } from "./words.js"

/** @typedef {{files: number, file_bytes: number, message_bytes: number}} Limits as `GET /models` tells them */
/** @typedef {{name: string, size: number}} Sized */

/** The server's defaults, until it has told its own. @type {Limits} */
export const LIMITS = { files: 10, file_bytes: 20 * 1024 ** 2, message_bytes: 50 * 1024 ** 2 }

/** Shown as a picture, here and on the server. */
const PICTURES = /^image\/(png|jpeg|gif|webp)$/
/** What a canvas can make anew of: a GIF would stop moving, an SVG is text. */
const DRAWN = /^image\/(?!gif|svg)/

/** @param {string} type */
export function isPicture(type) {
  return PICTURES.test(type)
}

/** @param {string} type */
export function isDrawn(type) {
  return DRAWN.test(type)
}

/**
 * Why one more file cannot go with a message; null: it can.
 *
 * @param {Sized} file
 * @param {Sized[]} others that go with it already
 * @param {Limits} limits
 */
export function whyNot({ name, size }, others, limits) {
  const together = others.reduce((sum, one) => sum + one.size, size)
  if (others.length >= limits.files) return t("files.tooMany", { name, most: limits.files })
  if (!size) return t("files.empty", { name })
  if (size > limits.file_bytes) return t("files.tooLarge", { name, size: fileSize(size), most: mebibytes(limits.file_bytes) })
  if (together > limits.message_bytes) return t("files.tooLargeTogether", { name, most: mebibytes(limits.message_bytes) })
  return null
}

/** What is left of a larger side than `most`. @param {number} width @param {number} height @param {number} most */
export function within(width, height, most) {
  const scale = Math.min(1, most / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

/** @param {string} name @param {string} type of a picture that was made anew */
export function renamed(name, type) {
  const ending = type === "image/png" ? ".png" : ".jpg"
  if (type === "image/jpeg" && /\.jpe?g$/i.test(name)) return name
  if (name.toLowerCase().endsWith(ending)) return name
  return name.replace(/\.\w{1,5}$/, "") + ending
}

/** Limits are round in MiB. @param {number} bytes */
function mebibytes(bytes) {
  return t("size.mb", { size: String(Math.round(bytes / 1024 ** 2)) })
}
