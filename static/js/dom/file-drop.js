/** @file A place to which files are brought: chosen with an input, or dropped. */

/**
 * @param {HTMLElement} area where they may be dropped
 * @param {HTMLInputElement} input
 * @param {HTMLElement} zone is marked with `data-over` while they are above the area
 * @param {(files: File[]) => void} take
 */
export function takeFiles(area, input, zone, take) {
  input.addEventListener("change", () => {
    take([...input.files ?? []])
    input.value = "" // so that the same file can be chosen again
  })
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) area.addEventListener(name, (event) => {
    const { type, dataTransfer } = /** @type {DragEvent} */ (event)
    if (!dataTransfer?.types.includes("Files")) return
    event.preventDefault()
    zone.toggleAttribute("data-over", type === "dragenter" || type === "dragover")
    if (type === "drop") take([...dataTransfer.files])
  })
}
