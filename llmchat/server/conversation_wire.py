"""The schemas of what is asked about conversations: queries, bodies, and cursors."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

from aiohttp import web
from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import asdict

from llmchat.server.body import read_document
from llmchat.server.problems import invalid
from llmchat.server.turns import AttachmentBody, Attachments
from llmchat.server.wire import NAMES as CHAT_NAMES
from llmchat.server.wire import ChatSettings, Id, ModelName, Text, convert, names_of
from llmchat.storage.conversation_store import TOP, Place
from llmchat.storage.conversations import Action

T = TypeVar("T", bound=Struct)

Title: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")
]
Cursor: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]


class ListQuery(Struct):
    """Which part of which list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 50
    cursor: Cursor | None = None
    pinned: bool | None = None
    archived: bool = False
    deleted: bool = False
    project: Id | None = None


class TreeQuery(Struct):
    """`since`: only the messages that were changed after this revision."""

    since: Annotated[int, Meta(ge=-1, le=2**53 - 1)] = -1


class DeleteQuery(Struct):
    """`forever`: not into the bin."""

    forever: bool = False


class DeleteAllQuery(Struct):
    """`all` has to be said: a program that has lost an id deletes nothing."""

    all: Literal["true"]


class ConversationPatch(Struct, forbid_unknown_fields=True):
    """What is to be changed."""

    title: Title | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    unread: bool | UnsetType = UNSET
    active: Id | UnsetType = UNSET
    settings: ChatSettings | UnsetType = UNSET
    project: Id | UnsetType | None = UNSET


class Batch(Struct, forbid_unknown_fields=True):
    """The same for many conversations. `project` is where they are moved to; null: out of any."""

    ids: Annotated[list[Id], Meta(max_length=1000)]
    action: Action
    project: Id | None = None


class Nothing(Struct, forbid_unknown_fields=True):
    """A body that says nothing."""


class Fork(Struct, forbid_unknown_fields=True):
    """Where the new conversation ends."""

    message_id: Id


class ExportBody(Struct, forbid_unknown_fields=True):
    """Which conversations go into an export; all of them without `ids`."""

    format: Literal["llmchat", "open-webui"] = "llmchat"
    ids: Annotated[list[Id], Meta(max_length=10_000)] | None = None


class NewMessage(Struct, forbid_unknown_fields=True):
    """A message that is only stored."""

    role: Literal["user", "assistant", "system"]
    content: Text
    parent_id: Id | None = None
    attachments: Attachments | None = None


class MessagePatch(Struct, forbid_unknown_fields=True):
    """The new text of a message."""

    content: Text | UnsetType = UNSET
    reasoning: Text | UnsetType = UNSET


Dollars: TypeAlias = Annotated[float, Meta(ge=0, le=1_000_000)]


class PriceBody(Struct, forbid_unknown_fields=True):
    """US dollars for a million tokens."""

    prompt: Dollars
    completion: Dollars
    cached: Dollars | None = None


class ModelNoteBody(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is noted of a model; null: as its endpoint says."""

    favourite: bool = False
    hidden: bool = False
    context_window: Annotated[int, Meta(ge=2, le=2**40)] | None = None
    vision: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    price: PriceBody | None = None


class AccountSettings(Struct, forbid_unknown_fields=True):
    """What a person has set. null takes a value away."""

    theme: Literal["auto", "light", "dark"] | None = None
    model: ModelName | None = None
    system: Text | None = None
    enter_sends: bool | None = None
    sidebar: bool | None = None
    models: Annotated[dict[ModelName, ModelNoteBody | None], Meta(max_length=1000)] | None = None


NAMES: Final = CHAT_NAMES | names_of(
    *(ConversationPatch, Batch, ExportBody, Fork, NewMessage, AttachmentBody, MessagePatch),
    *(PriceBody, ModelNoteBody, AccountSettings),
)


async def read_body(request: web.Request, kind: type[T]) -> T:
    """The body as one of these. Raises RequestError."""
    return convert(await read_document(request, NAMES), kind)


def read_query(request: web.Request, kind: type[T]) -> T:
    """The query as one of these; other names are left alone. Raises RequestError (422)."""
    query = request.query
    for name in names_of(kind):
        if len(query.getall(name, [])) > 1:
            raise invalid(f"/{name}", "Give it once.")
    values = convert(dict(query), kind, strict=False)
    for name, value in asdict(values).items():
        if value is None and name in query:  # it says `null`
            raise invalid(f"/{name}", "Leave it out.")
    return values


def changes_of(body: Struct) -> dict[str, Any]:
    """What is given in a body of optional members."""
    return {name: value for name, value in asdict(body).items() if value is not UNSET}


def write_cursor(place: Place | None) -> str | None:
    """A place in a list for the client, who need not understand it."""
    if place is None:
        return None
    return base64.urlsafe_b64encode(b"%d.%d" % place).decode().rstrip("=")


def read_cursor(cursor: str | None) -> Place:
    """What `write_cursor` has made of a place. Raises RequestError (422) for anything else."""
    if cursor is None:
        return TOP
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        time, _, number = base64.b64decode(padded, b"-_", validate=True).partition(b".")
        place = Place(int(time), int(number))
    except (ValueError, binascii.Error):
        raise invalid("/cursor", "Use the `next` of a list.") from None
    if write_cursor(place) != cursor or max(place) > TOP.time or min(place) < 0:
        raise invalid("/cursor", "Use the `next` of a list.")
    return place
