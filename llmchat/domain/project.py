"""A project: conversations that share instructions and files."""

from __future__ import annotations

from dataclasses import dataclass, field

from llmchat.domain.conversation import Attachment
from llmchat.domain.shelf import Colour

LONGEST_NAME = 60
LONGEST_ICON = 16
LONGEST_SYSTEM = 20_000


@dataclass(frozen=True, slots=True)
class Project:
    """What every conversation of a project begins with. `system` comes before what a chat itself
    says first; `files` before its first question. `model` answers where the chat names none, and
    `preset` is what the page sets up a new chat with. `icon` is an emoji or a few letters.
    """

    id: str
    name: str
    updated: int
    icon: str = ""
    colour: Colour = "grey"
    system: str = ""
    model: str | None = None
    preset: str | None = None
    files: list[Attachment] = field(default_factory=list)
