/**
 * @file The words of projects, in English. Loaded where there are any, or one is wanted.
 *
 * @typedef {typeof words} ProjectEnglish
 * @typedef {import("../en.js").Translated<ProjectEnglish>} ProjectWords
 */

const words = /** @type {const} */ ({
  "projects.addFiles": "Add files",
  "projects.begin": "New chat in this project",
  "projects.chats": "Chats",
  "projects.chatsFailed": "The chats cannot be read just now.",
  "projects.colour": "Colour of the project",
  "projects.create": "Create project",
  "projects.created": "Created. Files and chats can be added now.",
  "projects.delete": "Delete project",
  "projects.deleteBin": "Put its chats into the bin, too",
  "projects.deleteKeep": "Keep its chats",
  "projects.deleteName": "Delete the project {name}?",
  "projects.deleteText": "Its instructions and its list of files are gone then.",
  "projects.down": "Move down",
  "projects.files": "Files",
  "projects.filesText": "They go with every question in this project: texts and PDFs as text, pictures where the model can see.",
  "projects.fold": "Show or hide projects",
  "projects.icon": "Icon",
  "projects.instructions": "Instructions",
  "projects.instructionsText": "What the model is told first in every chat of this project, before what the chat itself says.",
  "projects.model": "Model of new chats",
  "projects.more": "Show more chats",
  "projects.moved": "Moved {what} to {name}.",
  "projects.movedOut": "Took {what} out of its project.",
  "projects.name": "Name",
  "projects.nameOf": "Project {name}",
  "projects.noChats": "There are no chats in it yet. Drag one here from the list, or use “Move to project” in its menu.",
  "projects.noModel": "As chosen on the page",
  "projects.noPreset": "None",
  "projects.none": "No project",
  "projects.notSaved": "Not saved.",
  "projects.open": "Open project",
  "projects.optionsOf": "Options of the project {name}",
  "projects.place": "{name} is now at place {place} of {count}.",
  "projects.preset": "Preset of new chats",
  "projects.saved": "Saved.",
  "projects.setUp": "Set up",
  "projects.up": "Move up",
  "projects.where": "Move to project",
})

export default words
