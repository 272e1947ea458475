"""Reads the `conversations.json` of Claude's data export: a list of messages each, no branches."""

from __future__ import annotations

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Message, MessageId
from llmchat.domain.imported import ImportedConversation, ImportedFile
from llmchat.transfer.archive import Files
from llmchat.transfer.data_urls import of_text
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

NAME = "claude"


def fits(document: JSON) -> bool:
    """Whether this is a conversation of this format."""
    return isinstance(members(document).get("chat_messages"), list)


def read(document: JSONObject, files: Files) -> ImportedConversation:
    """Raises BrokenEntryError."""
    if not isinstance(document.get("chat_messages"), list):
        raise BrokenEntryError("it has no messages (`chat_messages`)")
    nodes: list[Node] = []
    for place, value in enumerate(items(document.get("chat_messages"))):
        above = nodes[-1].id if nodes else None
        nodes.append(_node(members(value), f"#{place}", above, files))
    return finish(
        Draft(
            NAME,
            name(document.get("uuid")) or digest(document),
            text(document.get("name")),
            created=when(document.get("created_at")),
            updated=when(document.get("updated_at")),
            active=nodes[-1].id if nodes else "",
            nodes=nodes,
        )
    )


def _node(value: JSONObject, place: str, above: str | None, files: Files) -> Node:
    node = Node(name(value.get("uuid")) or place, above)
    role = "user" if value.get("sender") == "human" else "assistant"
    said, thoughts, calls = _blocks(items(value.get("content")))
    said = said or text(value.get("text"))
    node.files = _files(value, files)
    if said or thoughts or calls or node.files:
        node.message = Message(
            MessageId(node.id),
            None,
            "user" if role == "user" else "assistant",
            said,
            when(value.get("created_at")),
            reasoning=thoughts,
            model=name(value.get("model")) or None,
            tool_calls=calls,
        )
    return node


def _blocks(blocks: list[JSON]) -> tuple[str, str, list[JSONObject]]:
    """The text, the thoughts and the tool calls among the blocks of a message."""
    said, thoughts = [], []
    calls: dict[str, JSONObject] = {}
    for place, block in enumerate(map(members, blocks)):
        kind = block.get("type")
        if kind == "text":
            said.append(text(block.get("text")))
        elif kind == "thinking":
            thoughts.append(text(block.get("thinking")))
        elif kind == "tool_use":
            key = name(block.get("id")) or f"#{place}"
            calls[key] = tool_call(key, name(block.get("name")), written(block.get("input")))
        elif kind == "tool_result":
            called = calls.get(name(block.get("tool_use_id")))
            if called is not None:
                called["result"] = _result(block.get("content"))
    return (
        "\n\n".join(filter(None, said)),
        "\n\n".join(filter(None, thoughts)),
        list(calls.values()),
    )


def _result(content: JSON) -> str:
    if isinstance(content, list):
        return "\n".join(filter(None, (text(members(one).get("text")) for one in content)))
    return written(content)


def _files(value: JSONObject, files: Files) -> list[ImportedFile]:
    """Attachments come as the text that was found in them, files by their names only."""
    found = []
    for one in map(members, items(value.get("attachments"))):
        label, content = one.get("file_name"), text(one.get("extracted_content"))
        if content:
            found.append(of_text(content, label))
        else:
            found.append(files.find(name(label), text(label), name(one.get("file_type"))))
    for one in map(members, items(value.get("files"))):
        label = text(one.get("file_name"))
        found.append(files.find(name(one.get("file_uuid")) or name(label), label))
    return found
