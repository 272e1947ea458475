/** @file What is said while an answer is waited for: exact to the second, and no more than needed. */

import { currentLocale, serverWords, t } from "./t.js"
import { areLive } from "./tools.js"

/** @typedef {import("../types.js").Status} Status */
/** @typedef {import("../types.js").Reply} Reply */
/** @typedef {{kind: string, text: string, why: string}} Line `kind` stays while only its numbers change */

/**
 * A status that came, with what was known before it: who is asked, and why they are.
 *
 * @param {Status|null} before
 * @param {Status} data
 * @param {number} now in seconds
 * @returns {Status}
 */
export function nextStatus(before, data, now) {
  const { model = null, endpoint = null, story = null } = before ?? {}
  const { state, reason = null, code = null } = data
  return {
    ...data,
    model: data.model ?? (state === "failover" ? null : model),
    endpoint: data.endpoint ?? endpoint,
    story: state === "failover" || state === "restarted" ? { state, from: endpoint, reason, code } : story,
    at: now,
  }
}

/**
 * The line of an answer that runs; null when its text says enough.
 *
 * @param {Reply} reply
 * @param {number} asked in seconds, as `now`
 * @param {number} now
 * @param {import("../types.js").Connection} connection
 * @returns {Line|null}
 */
export function statusLine(reply, asked, now, connection) {
  const { content, reasoning, before, status, runs, silent } = reply
  if (connection === "lost") return line("lost", t("status.lost"))
  if (connection === "offline") return line("offline", t("status.offline"))
  if (connection === "restarting") return line("restarting", t("status.restarting"))
  if (areLive(runs)) return null // their cards say more
  const waitsAgain = runs.length > 0 && silent
  if (!waitsAgain && (content || reasoning && !before)) return null
  if (reasoning) return line("thinking", t("thought.running"))
  return status ? statusOf(status, Math.max(0, now - (status.at ?? asked))) : line("sending", t("status.sending") + elapsed(now - asked))
}

/** @param {Status} status @param {number} seconds since it came @returns {Line} */
function statusOf(status, seconds) {
  const model = status.model || t("status.model")
  switch (status.state) {
    case "queued": return line("queued", queued(status, seconds))
    case "loading": return line("loading", t("status.loading", { model }) + percent(status.progress) + elapsed(seconds))
    case "reading": return line("reading", t("status.reading") + percent(status.progress))
    case "connecting": return line("connecting", t("status.connecting") + elapsed(seconds))
    case "retrying": return line("retrying", again((status.in_seconds ?? 0) - seconds), cause(status))
    default: return asking(status, model, elapsed(seconds + (status.waited_seconds ?? 0)))
  }
}

/** @param {Status} status @param {string} model @param {string} time @returns {Line} */
function asking({ story, endpoint }, model, time) {
  if (!story) return line("running", t("status.waiting", { model }) + time)
  const { state, from } = story
  if (state === "restarted") return line(state, t("status.restarted") + time, cause(story))
  const who = capital(placeName(from ?? t("place.endpoint")))
  const next = placeName(endpoint ?? t("place.next"))
  return line(state, t("status.failover", { who, next }) + time, cause(story))
}

/** @param {Status} status @param {number} seconds */
function queued({ position, eta_seconds }, seconds) {
  const place = position ? t("status.place", { position }) : t("status.queued")
  if (!eta_seconds) return place + elapsed(seconds)
  const left = eta_seconds - seconds
  return left > 0 ? t("status.about", { place, time: about(left) }) : place
}

/** @param {number} seconds */
function again(seconds) {
  return seconds > 0 ? t("status.againIn", { time: duration(Math.ceil(seconds)) }) : t("status.again")
}

/** A reason without its advice to try again: that is being done. @param {{reason?: string|null, code?: string|null}} why */
function cause({ reason, code }) {
  return serverWords(code) ?? reason?.replace(/ (Continue or )?try again[^.]*\.$/i, "")
}

/** An estimate is not known to the second. @param {number} seconds */
function about(seconds) {
  if (seconds <= 10) return t("time.seconds", { seconds: Math.ceil(seconds) })
  if (seconds <= 60) return t("time.seconds", { seconds: Math.ceil(seconds / 5) * 5 })
  return t("time.minutes", { minutes: Math.ceil(seconds / 60) })
}

/** @param {number} seconds */
function elapsed(seconds) {
  return seconds >= 2 ? ` · ${duration(Math.floor(seconds))}` : ""
}

/** @param {number} seconds whole ones */
function duration(seconds) {
  return seconds < 60 ? t("time.seconds", { seconds }) : t("time.both", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 })
}

/** @param {number|null|undefined} progress from 0 to 1 */
function percent(progress) {
  return progress === null || progress === undefined ? "" : ` ${t("status.percent", { percent: Math.round(progress * 100) })}`
}

/** What to call an endpoint in a sentence. @param {string} name */
export function placeName(name) {
  return name === "embedded" ? t("place.builtin") : name.replace(/^local:/, "") // a model file, by its own name
}

/** At the start of a sentence; names stay as they are. @param {string} text */
export function capital(text) {
  const ours = text === t("place.builtin") || text === t("place.endpoint")
  return ours ? text[0].toLocaleUpperCase(currentLocale()) + text.slice(1) : text
}

/** @param {string} kind @param {string} text @param {string|null} [why] @returns {Line} */
function line(kind, text, why) {
  return { kind, text, why: why ?? "" }
}
