/** @file What the address of the page says: the chat in view, and what a new one begins with. */

/**
 * `q` only fills the composer: nothing is ever sent because of an address.
 *
 * @param {string} search
 * @returns {{q: string|null, model: string|null, system: string|null, temporary: boolean, rest: string}} `rest`: what is not ours, and stays
 */
export function wishesOf(search) {
  const parameters = new URLSearchParams(search)
  const [q, model, system, temporary] = ["q", "model", "system", "temporary"].map((name) => {
    const value = parameters.get(name)
    parameters.delete(name)
    return value
  })
  const rest = parameters.toString()
  return { q, model, system, temporary: temporary === "1" || temporary === "true", rest: rest && `?${rest}` }
}

/** The chat, and the message to show in it. @param {string} hash @returns {{id: string|null, message: string|null}} */
export function placeOf(hash) {
  const [id, message] = hash.replace(/^#/, "").split("/")
  return { id: id || null, message: message || null }
}
