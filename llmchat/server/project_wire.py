"""The schemas of what is asked about projects."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from llmchat.domain.project import LONGEST_SYSTEM, Project
from llmchat.domain.shelf import Colour
from llmchat.server.shelf_wire import Icon, Name
from llmchat.server.turns import AttachmentBody
from llmchat.server.wire import Id, ModelName, names_of

Instructions: TypeAlias = Annotated[str, Meta(max_length=LONGEST_SYSTEM)]


class ProjectBody(Struct, forbid_unknown_fields=True):
    """A project to keep."""

    name: Name
    icon: Icon = ""
    colour: Colour = "grey"
    system: Instructions = ""
    model: ModelName | None = None
    preset: Id | None = None


class ProjectPatch(Struct, forbid_unknown_fields=True):
    """What is to be changed of it. `place` is where it is to stand among all, from 0."""

    name: Name | UnsetType = UNSET
    icon: Icon | UnsetType = UNSET
    colour: Colour | UnsetType = UNSET
    system: Instructions | UnsetType = UNSET
    model: ModelName | UnsetType | None = UNSET
    preset: Id | UnsetType | None = UNSET
    place: Annotated[int, Meta(ge=0, le=10_000)] | UnsetType = UNSET


class ProjectQuery(Struct):
    """What is to become of its conversations: they stay, or go into the bin."""

    chats: Literal["keep", "bin"] = "keep"


class ProjectList(Struct):
    """All projects, in the order of the person."""

    items: list[Project]


NAMES: Final = names_of(ProjectBody, ProjectPatch, AttachmentBody)
