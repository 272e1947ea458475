/** @file Import this first: what is tested speaks English. */

import { speak } from "../../static/js/lib/t.js"
import words from "../../static/js/words/en.js"

speak(words, "en")
