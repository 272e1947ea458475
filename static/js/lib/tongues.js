/** @file Which language a text is in, well enough to choose a voice. */

/** Scripts that say enough, in the order in which they are looked for. */
const SCRIPTS = /** @type {[string, RegExp][]} */ ([
  ["ja", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu], ["ko", /\p{Script=Hangul}/gu], ["zh", /\p{Script=Han}/gu],
  ["ru", /\p{Script=Cyrillic}/gu], ["el", /\p{Script=Greek}/gu], ["ar", /\p{Script=Arabic}/gu],
  ["he", /\p{Script=Hebrew}/gu], ["hi", /\p{Script=Devanagari}/gu], ["th", /\p{Script=Thai}/gu],
])
const SCRIPT_SHARE = 0.2 // of the letters

/** Words that are common in one language and in few others. */
const COMMON = {
  en: "the and of to is that with for this are you not have it was",
  de: "der die das und ist nicht ein eine mit auf dem den sich auch wird",
  fr: "le les des et est une dans pour que qui pas avec sur vous ce",
  es: "el los las y es una por para que con del como pero muy",
  it: "il gli di che una per con non sono della nel anche",
  pt: "o os as uma para com dos da em mais pelo foi",
  nl: "de het een en van is dat niet met voor zijn op ook wordt",
}
const WORDS = Object.entries(COMMON).map(([language, words]) => ({ language, words: new Set(words.split(" ")) }))
const LOOKED_AT = 2000 // characters
const FEW = 3 // common words that a text needs to be told by them

/** @param {string} text @param {string} standard where the text does not say */
export function languageOfText(text, standard) {
  const start = text.slice(0, LOOKED_AT).toLowerCase()
  const letters = start.match(/\p{L}/gu)?.length ?? 0
  const script = SCRIPTS.find(([, known]) => (start.match(known)?.length ?? 0) > letters * SCRIPT_SHARE)
  if (script) return script[0]
  const said = start.match(/\p{L}+/gu) ?? []
  const counts = WORDS.map(({ language, words }) => ({ language, count: said.filter((one) => words.has(one)).length }))
  const best = counts.reduce((one, other) => other.count > one.count ? other : one)
  const own = counts.find(({ language }) => language === standard)
  return best.count >= FEW && best.count > (own?.count ?? 0) ? best.language : standard
}
