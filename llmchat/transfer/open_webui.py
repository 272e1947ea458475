"""Reads the chats that Open WebUI exports, with or without the wrapper of a later version.

Times are whole seconds. Thoughts and tool calls are in `output`, or as HTML in the text.
"""

from __future__ import annotations

import html

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Message, MessageId
from llmchat.domain.imported import ImportedConversation, ImportedFile
from llmchat.transfer.archive import Files
from llmchat.transfer.data_urls import of_url
from llmchat.transfer.details import Parted, part
from llmchat.transfer.trees import Draft, Node, finish
from llmchat.transfer.values import (
    BrokenEntryError,
    digest,
    items,
    members,
    name,
    role,
    text,
    tool_call,
    when,
    written,
)

NAME = "open-webui"


def fits(document: JSON) -> bool:
    """Whether this is a conversation of this format."""
    chat = _inner(members(document))
    return isinstance(members(chat.get("history")).get("messages"), dict)


def read(document: JSONObject, _: Files) -> ImportedConversation:
    """Raises BrokenEntryError."""
    chat = _inner(document)
    history = members(chat.get("history"))
    messages = members(history.get("messages"))
    nodes = [_node(key, members(value)) for key, value in messages.items()]
    if not nodes:
        nodes = _linear(items(chat.get("messages")))
    if not nodes:
        raise BrokenEntryError("it has no messages (`chat.history.messages`)")
    created = when(document.get("created_at")) or when(chat.get("timestamp"))
    return finish(
        Draft(
            NAME,
            name(document.get("id")) or name(chat.get("id")) or digest(chat),
            text(document.get("title")) or text(chat.get("title")),
            created=created,
            updated=when(document.get("updated_at")),
            active=name(history.get("currentId")),
            pinned=document.get("pinned") is True,
            archived=document.get("archived") is True,
            system=text(members(chat.get("params")).get("system")),
            nodes=nodes,
        )
    )


def _inner(document: JSONObject) -> JSONObject:
    chat = document.get("chat")
    return chat if isinstance(chat, dict) else document


def _linear(values: list[JSON]) -> list[Node]:
    """The oldest versions kept a list only."""
    nodes: list[Node] = []
    for place, value in enumerate(map(members, values)):
        node = _node(name(value.get("id")) or f"#{place}", value)
        node.parent = nodes[-1].id if nodes else None
        nodes.append(node)
    return nodes


def _node(key: str, value: JSONObject) -> Node:
    node = Node(name(key), name(value.get("parentId")) or None)
    who = role(value.get("role"))
    if who not in ("user", "assistant", "system"):
        return node
    error = _error(value.get("error"))
    said = _said(value) if who == "assistant" else Parted(text(value.get("content")))
    node.files = [
        one for file in items(value.get("files")) if (one := _file(members(file))) is not None
    ]
    if said.text or said.reasoning or said.tool_calls or node.files or error:
        node.message = Message(
            MessageId(node.id),
            None,
            who,
            said.text,
            when(value.get("timestamp")),
            reasoning="\n\n".join(filter(None, said.reasoning)),
            state="error" if error else "cancelled" if value.get("done") is False else "done",
            error=error,
            model=(name(value.get("model")) or None) if who == "assistant" else None,
            tool_calls=said.tool_calls,
        )
    return node


def _error(error: JSON) -> JSONObject | None:
    if not error:
        return None
    message = text(members(error).get("content")) or written(error)
    return {"code": "upstream-error", "message": message[:2000], "retryable": False}


def _said(value: JSONObject) -> Parted:
    """What an answer consists of: its `output` where there is one, else its text."""
    blocks = [members(one) for one in items(value.get("output"))]
    if not blocks:
        return part(text(value.get("content")))
    result = Parted()
    texts = []
    calls: dict[str, JSONObject] = {}
    for place, block in enumerate(blocks):
        kind = block.get("type")
        key = name(block.get("call_id")) or f"#{place}"
        if kind == "reasoning":
            result.reasoning.append(_texts(block.get("content")) or _texts(block.get("summary")))
        elif kind == "message":
            texts.append(_texts(block.get("content")))
        elif kind == "function_call":
            calls[key] = tool_call(key, name(block.get("name")), written(block.get("arguments")))
        elif kind == "function_call_output" and key in calls:
            calls[key]["result"] = _texts(block.get("output"))
    result.text = "\n\n".join(filter(None, texts))
    result.tool_calls = list(calls.values())
    if not result.text and not result.reasoning and not calls:
        return part(text(value.get("content")))
    return result


def _texts(content: JSON) -> str:
    if isinstance(content, list):
        return "\n".join(filter(None, (text(members(one).get("text")) for one in content)))
    return written(content)


def _file(value: JSONObject) -> ImportedFile | None:
    """Images come as `data:` URLs, other files by their address on the server they were sent to."""
    inner = members(value.get("file"))
    label = text(value.get("name")) or text(inner.get("filename"))
    kind = "image/png" if value.get("type") == "image" else ""
    declared = name(members(inner.get("meta")).get("content_type")) or kind
    url = text(value.get("url"))
    if not url and not label and not inner:
        return None
    return of_url(html.unescape(url) if not url.startswith("data:") else url, label, declared)
