/** @file What is done when the composer, its queue or the files of messages ask for it. */

import { announce } from "../dom/announce.js"
import { lazily } from "../dom/lazy.js"
import { isModelFile } from "../lib/model-files.js"
import { t } from "../lib/t.js"

/**
 * By the name of the event that asks for it.
 *
 * @param {import("../state/page.js").Page} page
 * @param {import("./parts.js").Parts} parts
 * @param {HTMLElement} app
 * @param {(files: File[]) => void} addModels
 * @returns {Record<string, (detail: any) => void>}
 */
export function composerActions({ catalogue, conversation, turns, queue }, { composer }, app, addModels) {
  return {
    // A chat that is still being read has no message yet that the question could follow.
    ask: (written) => {
      const { several } = catalogue
      if (conversation.loading) queue.add(written)
      else if (several.get().length > 1) turns.askSeveral(written, [...several.get()])
      else turns.ask(written)
    },
    queue: (written) => [queue.add(written), announce(t("queue.added"))],
    "queue-now": (key) => queue.sendNow(key),
    "queue-edit": (key) => {
      const message = queue.remove(key)
      if (message) composer.take(message)
    },
    "queue-remove": (key) => queue.remove(key),
    "tray-empty": () => composer.focus(),
    "files-dropped": (/** @type {File[]} */ files) => {
      const models = files.filter(isModelFile)
      const others = files.filter((file) => !isModelFile(file))
      if (models.length) addModels(models)
      if (others.length) composer.attach(others)
    },
    picture: async (attachment) => {
      /** @type {import("./picture-viewer.js").PictureViewer|null} */
      const viewer = await lazily(app, "picture-viewer", () => import("./picture-viewer.js"))
      viewer?.open(attachment)
    },
    prompts: async () => {
      /** @type {import("./prompts-dialog.js").PromptsDialog|null} */
      const dialog = await lazily(app, "prompts-dialog", () => import("./prompts-dialog.js"))
      dialog?.open(composer.text)
    },
    "fill-prompt": async ({ prompt, write }) => {
      /** @type {import("./prompt-filling.js").PromptFilling|null} */
      const filling = await lazily(app, "prompt-filling", () => import("./prompt-filling.js"))
      const text = await filling?.ask(prompt) ?? null
      composer.focus()
      if (text !== null) write(text)
    },
  }
}
