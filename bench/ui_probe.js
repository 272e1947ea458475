// What bench/ui.py adds to a page before its first script: it counts, and changes nothing.
window.probe = {
  tasks: [], keys: [], shift: 0, added: 0,

  /** Count the nodes that are put into an element from now on. */
  count(root) {
    this.observer?.disconnect()
    this.added = 0
    this.observer = new MutationObserver((records) => {
      for (const record of records) for (const node of record.addedNodes) this.added += nodesOf(node)
    })
    this.observer.observe(root, { childList: true, subtree: true })
  },

  /** Nodes in the last element that a selector finds. */
  nodes: (selector) => nodesOf([...document.querySelectorAll(selector)].pop()),

  /** Until the page adds nothing for half a second. */
  async settled() {
    for (let before = -1; before !== probe.nodes("body"); await new Promise((resolve) => setTimeout(resolve, 500))) {
      before = probe.nodes("body")
    }
  },

  /** Milliseconds from an action until `ready` is true and that has been painted. */
  async until(action, ready) {
    const start = performance.now()
    action()
    while (!ready()) await frame()
    await frame()
    await frame()
    return performance.now() - start
  },
}

const frame = () => new Promise(requestAnimationFrame)

function nodesOf(node) {
  let count = 1
  for (const child of node.childNodes) count += nodesOf(child)
  return count
}

new PerformanceObserver((list) => list.getEntries().forEach((one) => probe.tasks.push(one.duration)))
  .observe({ type: "longtask", buffered: true })
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  if (!one.hadRecentInput) probe.shift += one.value
})).observe({ type: "layout-shift", buffered: true })
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  if (one.name === "keydown") probe.keys.push(one.duration)
})).observe({ type: "event", durationThreshold: 16, buffered: true })
