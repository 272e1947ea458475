"""What of a conversation goes into a copy for others, and how a copy becomes a conversation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from llmchat.domain.chat import JSONObject
from llmchat.domain.conversation import (
    Attachment,
    Conversation,
    ConversationId,
    Message,
    MessageId,
    MessageState,
)
from llmchat.domain.errors import RunningError
from llmchat.domain.ids import new_id, now
from llmchat.domain.share import SharedChat, SharedFile, SharedMessage, SharedState

_STATES: dict[MessageState, SharedState] = {"cancelled": "stopped", "error": "failed"}
_BACK: dict[SharedState, MessageState] = {"stopped": "cancelled", "failed": "error"}
_FAILED: JSONObject = {
    "code": "interrupted",
    "message": "The answer was not complete where it was copied from.",
    "retryable": True,
}
# What a server of models calls a model may be where it lies on its disk, or on the network.
_PLACE = re.compile(r"^(?:[/\\~.]|[A-Za-z]:[/\\])|://|\\")


class Copy(NamedTuple):
    """A copy, and the files that it has, by their numbers."""

    chat: SharedChat
    files: list[Attachment]


def copy_of(
    title: str, branch: Sequence[Message], *, reasoning: bool, files: bool, created: int
) -> Copy:
    """What a link shows of a branch: its questions and answers. System prompts, tools, settings,
    numbers, errors and endpoints stay here, and so do ids. Raises RunningError.
    """
    if any(one.state == "running" for one in branch):
        raise RunningError
    taken: list[Attachment] = []
    shown: list[SharedMessage] = []
    for one in branch:
        if one.role not in ("user", "assistant"):
            continue
        first = len(taken)
        if files:
            taken += one.attachments
        numbered = [
            SharedFile(first + place, file.name, file.type, file.size)
            for place, file in enumerate(one.attachments if files else [])
        ]
        thoughts = one.reasoning if reasoning else ""
        shown.append(
            SharedMessage(
                "user" if one.role == "user" else "assistant",
                _text(one),
                reasoning=thoughts,
                thinking_seconds=_seconds(one) if thoughts else None,
                model=_plain_name(one.model),
                state=_STATES.get(one.state, "done"),
                files=numbered,
                withheld=0 if files else len(one.attachments),
            )
        )
    return Copy(SharedChat(title, created, shown), taken)


def conversation_of(
    chat: SharedChat, files: Mapping[int, str]
) -> tuple[Conversation, list[Message]]:
    """A conversation of the reader's own from a copy, with its messages. `files` are the contents
    of its files by their numbers, of those that are there.
    """
    time = now()
    messages: list[Message] = []
    for one in chat.messages:
        messages.append(
            Message(
                MessageId(new_id(time)),
                messages[-1].id if messages else None,
                one.role,
                one.content,
                time,
                reasoning=one.reasoning,
                state=_BACK.get(one.state, "done"),
                error=_FAILED if one.state == "failed" else None,
                model=one.model,
                timings=_timings(one),
                attachments=[
                    Attachment(files[file.number], file.name, file.type, file.size)
                    for file in one.files
                    if file.number in files
                ],
            )
        )
    active = messages[-1].id if messages else None
    new = Conversation(ConversationId(new_id(time)), chat.title, time, time, active=active)
    return new, messages


def _text(message: Message) -> str:
    """Its text, in which a paragraph ends where a tool was called: its card stood there."""
    places = sorted(
        {at for call in message.tool_calls if isinstance(at := call.get("at"), int) and at > 0}
    )
    bounds = [0, *places, len(message.content)]
    parts = [message.content[a:b].strip("\n") for a, b in pairwise(bounds)]
    return "\n\n".join(filter(None, parts)) if places else message.content


def _seconds(message: Message) -> float | None:
    seconds = (message.timings or {}).get("thinking_seconds")
    return float(seconds) if isinstance(seconds, int | float) else None


def _timings(message: SharedMessage) -> JSONObject | None:
    seconds = message.thinking_seconds
    return None if seconds is None else {"thinking_seconds": seconds}


def _plain_name(model: str | None) -> str | None:
    if model is None or not _PLACE.search(model):
        return model
    return re.split(r"[/\\]", model.rstrip("/\\"))[-1] or None
