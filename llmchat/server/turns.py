"""The schema of `POST /chat` for what is asked in a stored conversation."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta, Struct

from llmchat.conversations.turns import MOST_MERGED, Ask
from llmchat.domain.chat import JSON
from llmchat.domain.conversation import Attachment
from llmchat.domain.names import clean_name
from llmchat.server.chat_settings import kept_settings
from llmchat.server.problems import invalid
from llmchat.server.wire import (
    NAMES as CHAT_NAMES,
)
from llmchat.server.wire import ChatSettings, Id, Parameters, Text, convert, names_of, parameters_of

FileId: TypeAlias = Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
FileName: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=255, pattern=r"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029]*\Z")
]
Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class AttachmentBody(Struct, forbid_unknown_fields=True):
    """What `POST /api/files` has answered; `file` and `name` count, the rest is looked up."""

    file: FileId
    name: FileName
    type: Annotated[str, Meta(max_length=255)] | None = None
    size: Count | None = None
    kind: Annotated[str, Meta(max_length=20)] | None = None
    width: Count | None = None
    height: Count | None = None
    characters: Count | None = None
    pages: Count | None = None
    cut: bool | None = None


Attachments: TypeAlias = Annotated[list[AttachmentBody], Meta(max_length=100)]


class TurnBody(Parameters, kw_only=True):
    """`content` is a new question, in a new conversation or below `parent_id`. Without it, the
    question `parent_id` gets a further answer, or the answer `parent_id` is continued; `compact`:
    all down to `parent_id` is summarised. `settings` and `project` are those of a new conversation.
    `side_by_side`: the answer is one of several to be compared. `merge` are answers to the
    question, of which the new one is made.
    """

    content: Text | None = None
    attachments: Attachments | None = None
    conversation_id: Id | None = None
    parent_id: Id | None = None
    branch: bool | None = None
    compact: bool | None = None
    settings: ChatSettings | None = None
    project: Id | None = None
    side_by_side: bool | None = None
    merge: Annotated[list[Id], Meta(min_length=2, max_length=MOST_MERGED)] | None = None


NAMES: Final = CHAT_NAMES | names_of(TurnBody, AttachmentBody)
_ONLY: Final = frozenset({"content", "conversation_id", "parent_id", "branch", "attachments"})
_encoder = msgspec.json.Encoder(order="sorted")


def is_turn(document: JSON) -> bool:
    """Whether a document is of a stored conversation: it has no `messages` of its own."""
    return isinstance(document, dict) and "messages" not in document and bool(_ONLY & set(document))


def ask(document: JSON) -> Ask:
    """What a document of `POST /chat` asks. Raises RequestError (422)."""
    body = convert(document, TurnBody)
    given: Any = document
    continues = body.continue_final_message is True
    _check(body, continues=continues)
    return Ask(
        hashlib.sha256(_encoder.encode(document)).hexdigest(),
        body.content,
        attachments_of(body.attachments),
        body.conversation_id,
        body.parent_id,
        branch=body.branch is True,
        continues=continues,
        compact=body.compact is True,
        model=body.model,
        parameters=parameters_of(given),
        background=body.background is True,
        settings=kept_settings(given.get("settings")),
        project=body.project,
        side_by_side=body.side_by_side is True,
        merge=body.merge or [],
    )


def attachments_of(bodies: list[AttachmentBody] | None) -> list[Attachment]:
    """The attachments as the store has them, but for what is looked up."""
    return [Attachment(one.file, clean_name(one.name), "", 0) for one in bodies or []]


def _check(body: TurnBody, *, continues: bool) -> None:
    if body.content is None:
        _check_place(body)
    elif body.merge:
        raise invalid("/content", "Answers are merged without a new text.")
    elif body.compact:
        raise invalid("/content", "A conversation is summarised without a new text.")
    elif continues:
        raise invalid("/content", "An answer is continued without a new text.")
    else:
        _check_text(body.content, body.attachments)
    _check_conversation(body)


def _check_conversation(body: TurnBody) -> None:
    if body.conversation_id is None:
        if body.parent_id is not None:
            raise invalid("/conversation_id", "This member is required.")
    elif body.settings is not None:
        raise invalid("/settings", "They are set when a conversation is made, or by PATCH.")
    elif body.project is not None:
        raise invalid("/project", "It is set when a conversation is made, or by PATCH.")


def _check_text(content: str, attachments: list[AttachmentBody] | None) -> None:
    if not content.strip() and not attachments:
        raise invalid("/content", "There is no text here.")


def _check_place(body: TurnBody) -> None:
    if body.conversation_id is None:
        raise invalid("/conversation_id", "This member is required.")
    if body.parent_id is None:
        raise invalid("/parent_id", "This member is required.")
    if body.compact and (body.continue_final_message or body.merge):
        raise invalid("/compact", "A summary is made, or an answer is continued or merged.")
    if body.attachments:
        raise invalid("/attachments", "They go with a text.")
    if body.merge and body.continue_final_message:
        raise invalid("/merge", "An answer is continued, or others are merged.")
