"""Reads the conversations that LibreChat exports, one in each file, as a tree or as a list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Message, MessageId
from llmchat.domain.imported import ImportedConversation, ImportedFile
from llmchat.transfer.archive import Files
from llmchat.transfer.trees import Draft, Node, finish
from llmchat.transfer.values import (
    BrokenEntryError,
    digest,
    items,
    members,
    name,
    text,
    tool_call,
    when,
    written,
)

NAME = "librechat"
_ROOT = "00000000-0000-0000-0000-000000000000"
_THOUGHTS = re.compile(r"\A\s*:::thinking\n(.*?)\n:::\n?", re.DOTALL)


def fits(document: JSON) -> bool:
    """Whether this is a conversation of this format."""
    value = members(document)
    return "conversationId" in value and ("messages" in value or "messagesTree" in value)


def read(document: JSONObject, files: Files) -> ImportedConversation:
    """Raises BrokenEntryError."""
    options = members(document.get("options"))
    model = name(options.get("model"))
    endpoint = name(document.get("endpoint"))
    values = list(_flat(items(document.get("messagesTree")) or items(document.get("messages"))))
    if not values:
        raise BrokenEntryError("it has no messages (`messagesTree`, `messages`)")
    return finish(
        Draft(
            NAME,
            name(document.get("conversationId")) or digest(document),
            text(document.get("title")),
            created=when(document.get("createdAt")),
            updated=when(document.get("updatedAt")),
            system=text(options.get("promptPrefix")),
            nodes=[_node(key, above, one, (model, endpoint), files) for key, above, one in values],
        )
    )


def _flat(values: list[JSON]) -> Iterator[tuple[str, str | None, JSONObject]]:
    """Each message with its id and the id of its parent, in the order of the export."""
    left = [(f"#{place}", "", members(one)) for place, one in enumerate(values)][::-1]
    while left:
        place, above, value = left.pop()
        key = name(value.get("messageId")) or place
        parent = name(value.get("parentMessageId")) or above
        yield key, None if parent in ("", _ROOT) else parent, value
        children = items(value.get("children"))
        left += [(f"{key}.{i}", key, members(one)) for i, one in enumerate(children)][::-1]


def _node(
    key: str, above: str | None, value: JSONObject, otherwise: tuple[str, str], files: Files
) -> Node:
    node = Node(key, above)
    by_user = value.get("isCreatedByUser") is True or value.get("sender") == "User"
    said, thoughts, calls = _parts(value)
    failed = value.get("error") is True
    node.files = [one for file in items(value.get("files")) if (one := _file(file, files))]
    if said or thoughts or calls or node.files:
        node.message = Message(
            MessageId(key),
            None,
            "user" if by_user else "assistant",
            "" if failed else said,
            when(value.get("createdAt")),
            reasoning=thoughts,
            state="error" if failed else "cancelled" if value.get("unfinished") is True else "done",
            finish_reason=name(value.get("finish_reason")) or None,
            error=_error(said) if failed else None,
            model=None if by_user else name(value.get("model")) or otherwise[0] or None,
            endpoint=None if by_user else name(value.get("endpoint")) or otherwise[1] or None,
            tool_calls=calls,
        )
    return node


def _error(said: str) -> JSONObject:
    return {"code": "upstream-error", "message": said[:2000], "retryable": False}


def _parts(value: JSONObject) -> tuple[str, str, list[JSONObject]]:
    """The text, the thoughts and the tool calls of a message."""
    said, thoughts, calls = [], [], []
    for place, block in enumerate(map(members, items(value.get("content")))):
        kind = block.get("type")
        if kind == "think":
            thoughts.append(_string(block.get("think")))
        elif kind == "tool_call":
            calls.append(_call(members(block.get("tool_call")), place))
        elif kind in ("text", "error"):
            said.append(_string(block.get("text")) or _string(block.get("error")))
    if not any(said):
        content = text(value.get("text"))
        if match := _THOUGHTS.match(content):
            thoughts.append(match[1])
            content = content[match.end() :]
        said = [content]
    return "\n\n".join(filter(None, said)), "\n\n".join(filter(None, thoughts)), calls


def _call(call: JSONObject, place: int) -> JSONObject:
    function = members(call.get("function"))
    return tool_call(
        name(call.get("id")) or f"#{place}",
        name(call.get("name")) or name(function.get("name")),
        written(call.get("args")) or written(function.get("arguments")),
        written(call.get("output")) or written(function.get("output")),
    )


def _string(value: JSON) -> str:
    """A text, or one that is wrapped as `{value}`."""
    return text(members(value).get("value")) if isinstance(value, dict) else text(value)


def _file(value: JSON, files: Files) -> ImportedFile | None:
    """Exports name files; their content stays on the server."""
    one = members(value)
    label = text(one.get("filename"))
    key = name(one.get("file_id")) or label
    return files.find(key, label, name(one.get("type"))) if key else None
