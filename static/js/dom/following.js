/** @file Keeps a view at the end of what grows in it, unless the reader wants to be elsewhere. */

const NEAR_PIXELS = 32
const GAP_PIXELS = 16 // above the element that the view stays at
const MOVES = ["wheel", "touchstart", "touchmove", "keydown"]
const UPWARD_KEYS = new Set(["PageUp", "ArrowUp", "Home"])

export class Following {
  #on = true
  /** @type {HTMLElement|null} what the view follows the end to, and no further */
  #start = null
  #top = 0
  #touch = 0
  #growth = new ResizeObserver(() => this.keepUp())

  /** @param {HTMLElement} view scrolls @param {HTMLElement} list grows in it @param {(away: boolean) => void} onPlace whether the end is out of sight */
  constructor(view, list, onPlace) {
    this.view = view
    this.list = list
    this.onPlace = onPlace
  }

  start() {
    this.view.addEventListener("scroll", this.#onScroll, { passive: true })
    for (const name of MOVES) this.view.addEventListener(name, this.#onMove, { passive: true })
    this.#growth.observe(this.list)
    this.#growth.observe(this.view)
  }

  end() {
    this.#growth.disconnect()
    this.view.removeEventListener("scroll", this.#onScroll)
    for (const name of MOVES) this.view.removeEventListener(name, this.#onMove)
  }

  /** Stay where the reader is, whatever comes. */
  hold() {
    this.#on = false
    this.#top = this.view.scrollTop
    this.#tell()
  }

  /** Go to the end, and follow it. @param {HTMLElement|null} [start] only until this is at the top */
  jump(start = null) {
    this.#start = start
    this.#on = true
    this.keepUp()
  }

  keepUp() {
    if (this.#on) this.view.scrollTop = Math.min(this.view.scrollHeight, this.#highest)
    this.#top = this.view.scrollTop
    this.#tell()
  }

  /** As far as the view is to follow. */
  get #highest() {
    const start = this.#start?.isConnected ? this.#start : null
    return start ? start.offsetTop - this.list.offsetTop - GAP_PIXELS : Infinity
  }

  get #distance() {
    return this.view.scrollHeight - this.view.scrollTop - this.view.clientHeight
  }

  /** Who moves upwards wants to stay there, before a scroll says so: more text may come in between. */
  #onMove = (/** @type {Event} */ event) => {
    if (event.type === "touchstart") this.#touch = heightOf(event)
    if (this.view.scrollHeight > this.view.clientHeight && isUpward(event, this.#touch)) this.hold()
  }

  /** Only a move is a reader's wish: of growth, and of our own scrolling, a late event may tell. */
  #onScroll = () => {
    const { scrollTop } = this.view
    const near = this.#distance <= NEAR_PIXELS
    if (scrollTop > this.#highest + 1) [this.#start, this.#on] = [null, near]
    else if (near ? scrollTop > this.#top : scrollTop < this.#top) this.#on = near
    this.#top = scrollTop
    this.#tell()
  }

  #tell() {
    const { scrollHeight, clientHeight } = this.view
    const goesOn = this.#on && this.#highest >= scrollHeight - clientHeight
    this.onPlace(!goesOn && this.#distance > NEAR_PIXELS)
  }
}

/** @param {Event} event @param {number} touched where the finger came down */
function isUpward(event, touched) {
  if (event instanceof WheelEvent) return event.deltaY < 0 && !event.ctrlKey
  if (event instanceof KeyboardEvent) return isKeyUpward(event)
  return event.type === "touchmove" && heightOf(event) > touched
}

/** Where a finger is. @param {Event} event @returns {number} */
function heightOf(event) {
  return "touches" in event ? /** @type {TouchEvent} */ (event).touches[0].clientY : 0
}

/** In a text, the keys move its cursor. @param {KeyboardEvent} event */
function isKeyUpward({ key, shiftKey, target }) {
  if (target instanceof Element && target.matches("textarea, input")) return false
  return UPWARD_KEYS.has(key) || key === " " && shiftKey
}
