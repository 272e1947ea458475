/** @file Ways to begin that suit the model that will answer. */

/** @typedef {"error"|"haiku"|"joke"|"names"|"picture"|"plan"|"review"|"summary"|"test"} Starter */

/** @type {Record<"tiny"|"code"|"vision"|"general", Starter[]>} */
const SETS = {
  tiny: ["haiku", "joke", "names"],
  code: ["error", "test", "review"],
  vision: ["picture", "summary", "plan"],
  general: ["error", "plan", "summary"],
}
const CODES = /cod(?:e|er|estral|ex|ing)(?![a-z])|coder|codestral|devstral|starcoder|codellama/i

/** @param {import("../types.js").Model|null} model @returns {Starter[]} */
export function startersOf(model) {
  if (model?.kind === "embedded") return SETS.tiny
  if (model && CODES.test(model.id)) return SETS.code
  if (model?.capabilities?.vision) return SETS.vision
  return SETS.general
}
