"""Reads the conversations of llama.cpp's web page: sessions in JSONL, or JSON of older versions.

Times are milliseconds. There may be the whole tree with its root, or one path without.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Message, MessageId
from llmchat.domain.imported import ImportedConversation, ImportedFile
from llmchat.transfer.archive import Files
from llmchat.transfer.data_urls import missing, of_base64, of_text, of_url
from llmchat.transfer.sessions import Session
from llmchat.transfer.trees import Draft, Node, finish
from llmchat.transfer.values import (
    digest,
    items,
    members,
    name,
    plain,
    role,
    text,
    tool_call,
    when_ms,
)

NAME = "llama.cpp"


def fits(document: JSON) -> bool:
    """Whether this is a conversation of this format, as older versions wrote them."""
    value = members(document)
    return isinstance(value.get("conv"), dict) and isinstance(value.get("messages"), list)


def read(document: JSONObject, files: Files) -> ImportedConversation:
    """Raises BrokenEntryError."""
    messages = [members(one) for one in items(document.get("messages"))]
    return read_session(Session(members(document.get("conv")), messages), files)


def read_session(session: Session, _: Files) -> ImportedConversation:
    """Raises BrokenEntryError."""
    head = session.head
    nodes = [_node(value, f"#{place}") for place, value in enumerate(session.messages)]
    return finish(
        Draft(
            NAME,
            name(head.get("id")) or digest([head, *session.messages[:1]]),
            text(head.get("name")),
            updated=when_ms(head.get("lastModified")),
            active=name(head.get("currNode")),
            pinned=head.get("pinned") is True,
            nodes=nodes,
        )
    )


def _node(value: JSONObject, place: str) -> Node:
    node = Node(name(value.get("id")) or place, name(value.get("parent")) or None)
    who = role(value.get("role"))
    if value.get("type") == "root" or who is None:
        return node
    content = text(value.get("content"))
    thoughts = text(value.get("reasoningContent")) or text(value.get("thinking"))
    calls = tool_calls(value.get("toolCalls"))
    node.files = [one for extra in items(value.get("extra")) if (one := _file(members(extra)))]
    if not (content or thoughts or calls or node.files):
        return node
    called = name(value.get("toolCallId"))
    node.message = Message(
        MessageId(node.id),
        None,
        who,
        content,
        when_ms(value.get("timestamp")),
        reasoning=thoughts,
        model=name(value.get("model")) or None,
        parameters={"tool_call_id": called} if called else {},
        timings=timings(value.get("timings")),
        tool_calls=calls,
    )
    return node


def tool_calls(value: JSON) -> list[JSONObject]:
    """Tool calls as a list, or as JSON in a text, as older versions kept them."""
    if isinstance(value, str):
        try:
            value = json.loads(value) if value else None
        except (ValueError, RecursionError):
            return []
    calls = []
    for place, call in enumerate(map(members, items(value))):
        function = members(call.get("function"))
        calls.append(
            tool_call(
                name(call.get("id")) or f"#{place}",
                name(function.get("name")),
                text(function.get("arguments")),
                text(call.get("result")),
            )
        )
    return calls


def timings(value: JSON) -> JSONObject | None:
    """The times of an answer, in seconds as ours are."""
    one = members(value)
    prompt, predicted = one.get("prompt_ms"), one.get("predicted_ms")
    if not isinstance(prompt, int | float) or not isinstance(predicted, int | float):
        return None
    cleaned = plain(
        {
            "queue_seconds": 0.0,
            "first_token_seconds": round(prompt / 1000, 3),
            "total_seconds": round((prompt + predicted) / 1000, 3),
        }
    )
    return cleaned if isinstance(cleaned, dict) else None


def _file(extra: JSONObject) -> ImportedFile | None:
    kind, label = name(extra.get("type")), extra.get("name")
    if kind in _READERS:
        return _READERS[kind](extra, label)
    return missing(label) if label else None


def _bytes(extra: JSONObject, label: object) -> ImportedFile:
    declared = extra.get("mimeType") or (
        "application/pdf" if extra.get("type") == "PDF" else "application/octet-stream"
    )
    return of_base64(extra.get("base64Data"), label, declared)


def _words(extra: JSONObject, label: object) -> ImportedFile:
    return of_text(extra.get("content"), label)


_READERS: dict[str, Callable[[JSONObject, object], ImportedFile]] = {
    "IMAGE": lambda extra, label: of_url(extra.get("base64Url"), label),
    "AUDIO": _bytes,
    "VIDEO": _bytes,
    "PDF": _bytes,
    "TEXT": _words,
    "context": _words,
    "MCP_PROMPT": _words,
    "MCP_RESOURCE": _words,
    "CUSTOM_INSTRUCTION": _words,
}
