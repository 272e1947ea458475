/** @file Work in slices: what is done at once is short, the rest waits for its turns. */

const SLICE_MILLISECONDS = 8

/** @type {(() => void)[]} */
const waiting = []
/** @type {(() => void)[]} */
const quiet = []
let spent = 0 // milliseconds of the present turn of the event loop
let planned = false
let working = false
const channel = new MessageChannel()
channel.port1.onmessage = turn

/** Do it now, or soon if this turn has done enough or it is the rest of such work. @param {() => void} work */
export function soon(work) {
  if (!working && !waiting.length && spent < SLICE_MILLISECONDS) timed(work)
  else waiting.push(work)
  plan()
}

/** @returns {Promise<void>} until nothing waits */
export function whenQuiet() {
  if (!waiting.length) return Promise.resolve()
  return new Promise((resolve) => quiet.push(resolve))
}

function plan() {
  if (planned) return
  planned = true
  channel.port2.postMessage(null)
}

function turn() {
  planned = false
  spent = 0
  while (waiting.length && spent < SLICE_MILLISECONDS) timed(/** @type {() => void} */ (waiting.shift()))
  if (waiting.length) plan()
  else for (const resolve of quiet.splice(0)) resolve()
}

/** @param {() => void} work */
function timed(work) {
  const start = performance.now()
  working = true
  try {
    work()
  } finally {
    working = false
    spent += performance.now() - start
  }
}
