/** @file Paints at most once a frame, and never more than a fifth of the time. */

const FRAME_MILLISECONDS = 16
const REST = 4 // times the cost of the last painting

export class Painter {
  #waiting = false
  #timer = 0
  #frame = 0
  #free = 0 // when the next painting may begin

  /** @param {() => void} paint */
  constructor(paint) {
    this.paint = paint
  }

  /** Paint soon. Any number of calls before that paint once. */
  request() {
    if (this.#waiting) return
    this.#waiting = true
    const wait = Math.max(0, this.#free - performance.now())
    this.#timer = setTimeout(() => {
      this.#frame = requestAnimationFrame(() => this.flush())
    }, wait)
  }

  /** Paint now. */
  flush() {
    this.cancel()
    const start = performance.now()
    this.paint()
    const end = performance.now()
    this.#free = end + Math.max(FRAME_MILLISECONDS, REST * (end - start))
  }

  cancel() {
    this.#waiting = false
    clearTimeout(this.#timer)
    cancelAnimationFrame(this.#frame)
  }
}
