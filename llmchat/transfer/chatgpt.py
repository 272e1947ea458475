"""Reads the `conversations.json` of ChatGPT's data export, whole or in numbered parts.

A conversation is a `mapping` of nodes. Many of them are not shown: what the program adds, tools in
between, thoughts. Times are seconds with a fraction.
"""

from __future__ import annotations

import re

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
    role,
    text,
    tool_call,
    when,
)

NAME = "chatgpt"
_HIDDEN_TYPES = {"user_editable_context", "reasoning_recap", "model_editable_context", "thoughts"}
_MARKS = re.compile("\ue200[^\ue201]{0,1000}\ue201")  # where the page shows a citation
_ADDRESS = re.compile(r"https?://[^\s<>()]{1,2000}")


def fits(document: JSON) -> bool:
    """Whether this is a conversation of this format."""
    return isinstance(members(document).get("mapping"), dict)


def read(document: JSONObject, files: Files) -> ImportedConversation:
    """Raises BrokenEntryError."""
    if not isinstance(document.get("mapping"), dict):
        raise BrokenEntryError("it has no messages (`mapping`)")
    model = name(document.get("default_model_slug"))
    return finish(
        Draft(
            NAME,
            name(document.get("conversation_id")) or name(document.get("id")) or digest(document),
            text(document.get("title")),
            created=when(document.get("create_time")),
            updated=when(document.get("update_time")),
            active=name(document.get("current_node")),
            pinned=document.get("is_starred") is True,
            archived=document.get("is_archived") is True,
            nodes=[
                _node(key, members(value), model, files)
                for key, value in members(document.get("mapping")).items()
            ],
        )
    )


def _node(key: str, value: JSONObject, model: str, files: Files) -> Node:
    node = Node(name(key), name(value.get("parent")) or None)
    message = members(value.get("message"))
    who = role(members(message.get("author")).get("role"))
    metadata = members(message.get("metadata"))
    content = members(message.get("content"))
    if who == "assistant" and content.get("content_type") == "thoughts":
        node.reasoning = _thoughts(content)
    if (
        who not in ("user", "assistant", "tool")
        or name(content.get("content_type")) in _HIDDEN_TYPES
        or metadata.get("is_visually_hidden_from_conversation")
    ):
        return node
    node.files = _files(content, metadata, files)
    said = _said(content) if who == "tool" else _said(content) + _links(metadata)
    calls = _calls(node.id, who, message, text(content.get("text")) or said)
    if said.strip() or node.files:
        node.message = Message(
            MessageId(node.id),
            None,
            who,
            "" if calls else said,
            when(message.get("create_time")),
            state="cancelled" if message.get("status") == "in_progress" else "done",
            model=(name(metadata.get("model_slug")) or model or None)
            if who == "assistant"
            else None,
            tool_calls=calls,
        )
    return node


def _calls(key: str, who: str, message: JSONObject, said: str) -> list[JSONObject]:
    """What an answer says to a tool is a call of it."""
    recipient = name(message.get("recipient"))
    if who != "assistant" or recipient in ("", "all"):
        return []
    return [tool_call(key, recipient, said)]


def _thoughts(content: JSONObject) -> str:
    parts = []
    for thought in map(members, items(content.get("thoughts"))):
        summary = text(thought.get("summary")).strip()
        parts += [f"**{summary}**" if summary else "", text(thought.get("content")).strip()]
    return "\n\n".join(filter(None, parts))


def _said(content: JSONObject) -> str:
    """The text of a message, of whatever type it is."""
    kind = content.get("content_type")
    if kind == "code":
        language = re.sub(r"[^\w+#-]", "", name(content.get("language")))
        language = "" if language == "unknown" else language
        code = text(content.get("text"))
        return f"```{language}\n{code}\n```" if language else code
    parts = [_part(one) for one in items(content.get("parts"))]
    if not parts:
        parts = [text(content.get("text")) or text(content.get("result"))]
    return _MARKS.sub("", "\n\n".join(filter(None, parts)))


def _part(part: JSON) -> str:
    return text(part) if isinstance(part, str) else text(members(part).get("text"))


def _links(metadata: JSONObject) -> str:
    """The pages that an answer cites, as a list below it."""
    found: dict[str, str] = {}
    for citation in map(members, items(metadata.get("citations"))):
        page = members(citation.get("metadata"))
        match = _ADDRESS.match(text(page.get("url")))
        if match is not None:
            title = re.sub(r"[\[\]\\`<>\s]+", " ", name(page.get("title"))).strip()
            found.setdefault(match[0], title or match[0])
    return "".join(["\n", *(f"\n- [{found[url]}]({url})" for url in found)]) if found else ""


def _files(content: JSONObject, metadata: JSONObject, files: Files) -> list[ImportedFile]:
    """What was sent along: pointers among the parts, and the list of attachments, which name
    the same files with more words.
    """
    found: dict[str, ImportedFile] = {}
    for one in map(members, items(metadata.get("attachments"))):
        if key := name(one.get("id")):
            found[key] = files.find(key, text(one.get("name")), name(one.get("mime_type")))
    for part in map(members, items(content.get("parts"))):
        key = name(part.get("asset_pointer")).rsplit("/", 1)[-1].split("#")[0]
        if key and key not in found:
            found[key] = files.find(key)
    return list(found.values())
