/** @file The projects of a person, on all devices: the server has them. */

import * as api from "../lib/projects-api.js"
import { signal } from "../lib/signal.js"

/** @typedef {import("../lib/projects-api.js").Project} Project @typedef {import("../lib/projects-api.js").Draft} Draft */

/** Everything rejects with an ApiError. */
class Projects {
  /** In the order of the person. */
  all = signal(/** @type {Project[]} */ ([]))

  async load() {
    this.all.set((await api.list()).items)
  }

  /** Inside an effect, it follows it. @param {string|null|undefined} id @returns {Project|null} */
  get(id) {
    return this.all.get().find((one) => one.id === id) ?? null
  }

  /** Keep a new one, or change one that is there. @param {string|null} id @param {Draft} draft */
  async save(id, draft) {
    return this.#take(await (id === null ? api.add(draft) : api.change(id, draft)))
  }

  /** @param {string} id @param {"keep"|"bin"} chats what becomes of them */
  async remove(id, chats) {
    await api.remove(id, chats)
    this.all.set(this.all.get().filter((one) => one.id !== id))
  }

  /** @param {string} id @param {number} place among all, from 0 */
  async put(id, place) {
    await api.change(id, { place })
    await this.load()
  }

  /** Let exactly these files go with it. @param {string} id @param {import("../types.js").Attachment[]} files that are on the server */
  async keepFiles(id, files) {
    const known = this.get(id)?.files ?? []
    const has = (/** @type {{file: string}[]} */ all, /** @type {string} */ file) => all.some((one) => one.file === file)
    for (const { file } of known) if (!has(files, file)) this.#take(await api.removeFile(id, file))
    for (const one of files) if (!has(known, one.file)) this.#take(await api.addFile(id, one))
  }

  /** @param {Project} project */
  #take(project) {
    const all = this.all.get()
    const known = all.some(({ id }) => id === project.id)
    this.all.set(known ? all.map((one) => (one.id === project.id ? project : one)) : [...all, project])
    return project
  }
}

export const projects = new Projects()
