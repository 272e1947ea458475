/** @file The words of the page in German. */

/** @type {import("./en.js").Words} */
const words = {
  "composer.hint": "Modelle machen Fehler. Wichtiges bitte prüfen.",
  "composer.label": "Nachricht",
  "composer.placeholder": "Stell eine Frage",
}

export default words
