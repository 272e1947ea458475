"""Reads the export of Chatbot UI: one object with a history of conversations, without branches."""

from __future__ import annotations

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Message, MessageId
from llmchat.domain.imported import ImportedConversation
from llmchat.transfer.archive import Files
from llmchat.transfer.trees import Draft, Node, finish
from llmchat.transfer.values import digest, items, members, name, text

NAME = "chatbot-ui"


def fits(document: JSON) -> bool:
    """Whether this is a whole export of this format."""
    value = members(document)
    return "version" in value and isinstance(value.get("history"), list)


def unwrap(document: JSON) -> list[JSON]:
    """Its conversations."""
    return items(members(document).get("history"))


def read(document: JSONObject, _: Files) -> ImportedConversation:
    """One entry of the `history`. Raises BrokenEntryError."""
    model = name(members(document.get("model")).get("id"))
    nodes: list[Node] = []
    for place, value in enumerate(map(members, items(document.get("messages")))):
        role, content = name(value.get("role")), text(value.get("content"))
        if role not in ("user", "assistant") or not content:
            continue
        key = f"#{place}"
        message = Message(
            MessageId(key),
            None,
            "user" if role == "user" else "assistant",
            content,
            0,
            model=(model or None) if role == "assistant" else None,
        )
        nodes.append(Node(key, nodes[-1].id if nodes else None, message))
    key = name(document.get("id")) or digest(document)
    title, system = text(document.get("name")), text(document.get("prompt"))
    return finish(Draft(NAME, key, title, system=system, nodes=nodes))
