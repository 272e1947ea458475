/**
 * @file The words of links to copies of chats, in English: of the page that a link shows, and of where links are made. Loaded with them.
 *
 * @typedef {typeof words} ShareEnglish
 * @typedef {import("../en.js").Translated<ShareEnglish>} ShareWords
 */

const words = /** @type {const} */ ({
  "share.again": "Try again",
  "share.all": "Links to all chats",
  "share.copied": "A copy of a conversation",
  "share.copyLink": "Copy link",
  "share.cut": "This answer was cut off.",
  "share.date": "Shared on {date}",
  "share.days": { one: "After {count} day", other: "After {count} days" },
  "share.empty": "There was no answer.",
  "share.expires": "The link expires",
  "share.expiresText": "After that it leads nowhere, and the copy is deleted.",
  "share.files": "Include files",
  "share.filesText": "Pictures and documents of this chat can be opened, too.",
  "share.fresh": "The link to this copy",
  "share.gone": "This link leads nowhere any more",
  "share.goneText": "It has expired, was taken back, or was never complete. Ask whoever gave it to you for a new one.",
  "share.here": "This chat is open at an address of this computer alone ({host}): nobody else can follow the link. Open llmchat at an address that others reach, then share from there.",
  "share.made": "made {when}",
  "share.make": "Create link",
  "share.mine": "Links to this chat",
  "share.model": "An answer of {model}",
  "share.never": "Never",
  "share.none": "No link leads to one of your chats. “Share” in the menu of a chat makes one.",
  "share.noneHere": "No link leads to this chat.",
  "share.once": "Copy it now: it is shown only this once.",
  "share.question": "Question",
  "share.reasoning": "Include reasoning",
  "share.reasoningText": "What the model thought before it answered.",
  "share.revoke": "Revoke",
  "share.revokeName": "Revoke the link to {name}",
  "share.revokeNow": "Revoke now",
  "share.revoked": "The link leads nowhere any more.",
  "share.signIn": "Sign in to llmchat first, then open this link again.",
  "share.sure": "Whoever has this link can open it no more. There is no way back.",
  "share.tab": "Sharing",
  "share.take": "Continue in llmchat",
  "share.takeText": "A chat of your own, with all that is here.",
  "share.taking": "The chat is being made.",
  "share.text": "Whoever has the link can read a copy of this chat as it is now, without signing in. Later messages, your name, instructions for the model, results of tools and other versions of messages are left out.",
  "share.title": "Share “{title}”",
  "share.until": "until {when}",
  "share.untilRevoked": "until revoked",
  "share.withFiles": "with files",
  "share.withReasoning": "with reasoning",
  "share.withheld": { one: "{count} file is not part of this copy.", other: "{count} files are not part of this copy." },
})

export default words
