/** @file What is done around the chat in view: search, the list of chats, files that come in and go out. */

/** @typedef {import("./parts.js").Parts} Parts */

/** @param {Parts} parts */
export function sideActions({ search, data, drawer, notices, sidebar, composer }) {
  return {
    "notice-closed": () => (drawer.covers ? sidebar : composer).focus(),
    "open-chat": () => drawer.close(), "open-search": () => search.open(), "open-data": () => data.open(),
    notice: (/** @type {any} */ what) => notices.show(what.text ?? what, what.action),
  }
}

/** @param {Parts} parts @param {{get(): string|null}} current id of the chat in view */
export function sideKeys({ search, sidebar, drawerButton }, current) {
  return {
    search: () => search.open(), sidebar: () => drawerButton.click(), remove: () => sidebar.removeChat(current.get()),
    previous: () => sidebar.step(-1), next: () => sidebar.step(1),
  }
}
