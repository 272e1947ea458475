/** @file Pictures as they are sent: small enough, the right way up, and without what the camera wrote into them. */

import { renamed, within } from "../lib/files.js"

const LONGEST_SIDE = 2048
const QUALITY = 0.9
const LARGE_PNG_BYTES = 4 * 1024 ** 2 // a photograph that somebody has saved as PNG

/**
 * Drawn anew, so that nothing but its pixels is left of it. It becomes a PNG or a JPEG, which all
 * models with eyes can read; WebP is news to some of their servers.
 *
 * @param {File} file
 * @returns {Promise<{content: Blob, name: string}>} Rejects where it is no picture that this browser knows
 */
export async function redrawn(file) {
  const bitmap = await createImageBitmap(file)
  const canvas = document.createElement("canvas")
  Object.assign(canvas, within(bitmap.width, bitmap.height, LONGEST_SIDE))
  const context = canvas.getContext("2d")
  if (!context) throw new Error("no canvas")
  context.imageSmoothingQuality = "high"
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  const content = await encoded(canvas, context, file.type)
  canvas.width = 0 // some browsers keep its memory for long
  return { content, name: renamed(file.name, content.type) }
}

/** @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2D} context @param {string} type */
async function encoded(canvas, context, type) {
  if (type === "image/jpeg") return blobOf(canvas, type)
  const opaque = isOpaque(context, canvas)
  if (type !== "image/png" && opaque) return blobOf(canvas, "image/jpeg")
  const png = await blobOf(canvas, "image/png")
  return opaque && png.size > LARGE_PNG_BYTES ? blobOf(canvas, "image/jpeg") : png
}

/** @param {HTMLCanvasElement} canvas @param {string} type @returns {Promise<Blob>} */
function blobOf(canvas, type) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("too large"))), type, QUALITY)
  })
}

/** @param {CanvasRenderingContext2D} context @param {HTMLCanvasElement} canvas */
function isOpaque(context, { width, height }) {
  const { data } = context.getImageData(0, 0, width, height)
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return false
  return true
}
