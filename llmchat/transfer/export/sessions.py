"""Our own format: a conversation as records, one line of JSON each (docs/format.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Conversation, Message
from llmchat.storage.exports import ExportedConversation, ExportedMessage

HARNESS = "llmchat"
FORMAT = 1
_INTERRUPTED: JSONObject = {
    "code": "interrupted",
    "message": "This was exported before the answer was complete.",
    "retryable": True,
}

encode = msgspec.json.Encoder().encode


def lines(one: ExportedConversation, messages: Iterator[ExportedMessage]) -> Iterator[bytes]:
    """The records of a conversation: the session, the root, and its messages."""
    yield encode(session(one)) + b"\n"
    yield encode(_record(_root(one))) + b"\n"
    for message in messages:
        yield encode(_record(message_record(one, message, _root_id(one)))) + b"\n"


def document(one: ExportedConversation, messages: Iterator[ExportedMessage]) -> Iterator[bytes]:
    """A conversation as one JSON object."""
    yield encode(session(one))[:-1] + b',"messages":['
    comma = b""
    for message in messages:
        yield comma + encode(message_record(one, message, None))
        comma = b","
    yield b"]}\n"


def session(one: ExportedConversation) -> JSONObject:
    """The first record."""
    conversation = one.conversation
    return {
        "harness": HARNESS,
        "format": FORMAT,
        "type": "session",
        "id": conversation.id,
        "name": conversation.title,
        "named": one.named,
        "created": conversation.created,
        "lastModified": conversation.updated,
        "currNode": conversation.active,
        **_marks(conversation),
        "settings": conversation.settings,
        **({"project": conversation.project} if conversation.project else {}),
        "source": one.source,
        "sourceId": one.source_id,
    }


def message_record(
    one: ExportedConversation, exported: ExportedMessage, root: str | None
) -> JSONObject:
    """A message; `root` is the parent of those that begin a branch. Defaults are left out."""
    message = finished(exported.message)
    children: list[JSON] = [*one.children.get(message.id, [])]
    record: JSONObject = {
        "id": message.id,
        "convId": one.conversation.id,
        "type": "text",
        "role": message.role,
        "timestamp": message.created,
        "parent": root if message.parent_id is None else message.parent_id,
        "children": children,
        "content": message.content,
        "state": message.state,
    }
    members = {**_optional(message), "sourceId": exported.source_id}
    return record | {name: value for name, value in members.items() if value}


def finished(message: Message) -> Message:
    """A message that is being written is an interrupted one anywhere else."""
    if message.state != "running":
        return message
    return replace(message, state="error", error=_INTERRUPTED)


def _optional(message: Message) -> JSONObject:
    calls: list[JSON] = [*message.tool_calls]
    attachments: list[JSON] = [msgspec.to_builtins(file) for file in message.attachments]
    return {
        "reasoningContent": message.reasoning,
        "model": message.model,
        "endpoint": message.endpoint,
        "finishReason": message.finish_reason,
        "error": message.error,
        "jobId": message.job_id,
        "parameters": message.parameters,
        "usage": message.usage,
        "timings": message.timings,
        "toolCalls": calls,
        "attachments": attachments,
        "edited": message.edited,
    }


def _marks(conversation: Conversation) -> JSONObject:
    return {
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "unread": conversation.unread,
        "deleted": conversation.deleted,
    }


def _root_id(one: ExportedConversation) -> str:
    return f"root-{one.conversation.id}"


def _root(one: ExportedConversation) -> JSONObject:
    children: list[JSON] = [*one.children.get(None, [])]
    return {
        "id": _root_id(one),
        "convId": one.conversation.id,
        "type": "root",
        "role": "system",
        "timestamp": one.conversation.created,
        "parent": None,
        "children": children,
        "content": "",
    }


def _record(message: JSONObject) -> JSONObject:
    return {"type": "message", "message": message}
