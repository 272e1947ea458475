/** @file Defines the elements of the page. */

import "./elements/code-block.js"
import "./elements/thought-block.js"
import "./elements/chat-message.js"
import "./elements/chat-thread.js"
import "./elements/chat-composer.js"
import "./elements/chat-sidebar.js"
import "./elements/model-picker.js"
import "./elements/notice-stack.js"
import "./elements/side-drawer.js"
import "./elements/theme-picker.js"
import "./elements/chat-app.js"
