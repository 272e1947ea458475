/** @file The storage of a browser, for modules that run without one. */

const METHODS = {
  getItem(key) { return this[key] ?? null },
  removeItem(key) { delete this[key] },
  setItem(key, value) { this[key] = value },
}

/** Put an empty one in place; its keys are those of the object, as in a browser. */
export function emptyStorage() {
  globalThis.localStorage = Object.create(METHODS)
  return globalThis.localStorage
}
