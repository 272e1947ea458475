/** @file Defines the elements of the page of a link. */

import "./elements/code-block.js"
import "./elements/math-text.js"
import "./elements/thought-block.js"
import "./elements/shared-message.js"
import "./elements/shared-chat.js"
