"""What a person keeps to use again: texts, and ways to set up a chat."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from llmchat.domain.chat import JSONObject

Colour: TypeAlias = Literal[
    "grey", "red", "orange", "yellow", "green", "teal", "blue", "violet", "pink"
]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text with a name. `{{name}}` or `{{name=default}}` in it is asked for when it is used."""

    id: str
    name: str
    text: str
    updated: int


@dataclass(frozen=True, slots=True)
class Preset:
    """The settings of a chat under a name. `icon` is an emoji or a few letters, or empty;
    `starters` are texts to begin with.
    """

    id: str
    name: str
    updated: int
    icon: str = ""
    colour: Colour = "grey"
    starters: list[str] = field(default_factory=list)
    settings: JSONObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PromptImport:
    """What an import of prompts has done: `unchanged` are those that were there already, `skipped`
    those that cannot be kept.
    """

    added: int
    unchanged: int
    skipped: int
