"""The schemas of what is asked about prompts and presets."""

from __future__ import annotations

from typing import Annotated, Any, Final, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from llmchat.domain.shelf import Colour, Preset, Prompt
from llmchat.server.wire import NAMES as CHAT_NAMES
from llmchat.server.wire import ChatSettings, names_of

Name: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=r"\A[^\x00-\x1f\x7f-\x9f]*\Z")
]
PromptText: TypeAlias = Annotated[str, Meta(min_length=1, max_length=20_000)]
Icon: TypeAlias = Annotated[str, Meta(max_length=16, pattern=r"\A[^\x00-\x1f\x7f-\x9f]*\Z")]
Starters: TypeAlias = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=2000)]], Meta(max_length=6)
]


class PromptBody(Struct, forbid_unknown_fields=True):
    """A prompt to keep."""

    name: Name
    text: PromptText


class PromptPatch(Struct, forbid_unknown_fields=True):
    """What is to be changed of it."""

    name: Name | UnsetType = UNSET
    text: PromptText | UnsetType = UNSET


class PresetBody(Struct, forbid_unknown_fields=True):
    """A preset to keep."""

    name: Name
    icon: Icon = ""
    colour: Colour = "grey"
    starters: Starters = []
    settings: ChatSettings | None = None


class PresetPatch(Struct, forbid_unknown_fields=True):
    """What is to be changed of it."""

    name: Name | UnsetType = UNSET
    icon: Icon | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    starters: Starters | UnsetType = UNSET
    settings: ChatSettings | UnsetType = UNSET


class PromptList(Struct):
    """All prompts, in the order in which they were made."""

    items: list[Prompt]


class PromptFile(Struct):
    """An export of prompts, each a `name` and a `text`: what is none is skipped, not refused. One
    of Open WebUI, which is a list, is read as well.
    """

    prompts: list[Any]


class PresetList(Struct):
    """All presets, in the order in which they were made."""

    items: list[Preset]


NAMES: Final = CHAT_NAMES | names_of(PromptBody, PresetBody)
