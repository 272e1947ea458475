"""Reads llmchat's own export (docs/format.md), so that nothing of it is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import get_args

from llmchat.domain.chat import JSON, JSONObject
from llmchat.domain.conversation import Conversation, Message, MessageId, MessageState
from llmchat.domain.imported import (
    ImportedConversation,
    ImportedFile,
    ImportedProject,
    OwnMarks,
    Skipped,
)
from llmchat.domain.project import LONGEST_ICON, LONGEST_NAME, LONGEST_SYSTEM, Project
from llmchat.domain.shelf import Colour
from llmchat.transfer.archive import Files
from llmchat.transfer.sessions import Session
from llmchat.transfer.trees import Draft, Node, finish
from llmchat.transfer.values import (
    BrokenEntryError,
    items,
    members,
    name,
    plain,
    role,
    text,
    unicode_text,
    when_ms,
)

NAME = "llmchat"
FORMAT = 1
MANIFEST = "manifest.json"
PROJECTS = "projects.json"
_DIGEST = re.compile("[0-9a-f]{64}", re.ASCII)
_STATES: dict[str, MessageState] = {"error": "error", "cancelled": "cancelled"}


def fits(document: JSON) -> bool:
    """Whether this is one conversation as JSON."""
    value = members(document)
    return value.get("harness") == NAME and isinstance(value.get("messages"), list)


def read(document: JSONObject, files: Files) -> ImportedConversation:
    """Raises BrokenEntryError."""
    messages = [members(one) for one in items(document.get("messages"))]
    return read_session(Session(document, messages), files)


def read_session(session: Session, files: Files) -> ImportedConversation:
    """Raises BrokenEntryError."""
    head = session.head
    version = head.get("format")
    if not isinstance(version, int) or version > FORMAT:
        raise BrokenEntryError("it was written by a newer llmchat")
    key = name(head.get("id"))
    if not key:
        raise BrokenEntryError("it has no id")
    found = finish(
        Draft(
            NAME,
            key,
            text(head.get("name")),
            created=when_ms(head.get("created")),
            updated=when_ms(head.get("lastModified")),
            active=name(head.get("currNode")),
            pinned=head.get("pinned") is True,
            archived=head.get("archived") is True,
            may_be_empty=True,
            nodes=[_node(value, f"#{i}", files) for i, value in enumerate(session.messages)],
        )
    )
    return replace(found, conversation=_marked(found, head), own=_own(session))


def read_projects(document: JSON, files: Files) -> Iterator[ImportedProject | Skipped]:
    """The projects of an export, each with its files."""
    for number, one in enumerate(items(members(document).get("projects")), start=1):
        value = members(one)
        key, title = name(value.get("id")), name(value.get("name"))[:LONGEST_NAME].strip()
        if not key or not title:
            yield Skipped(f"{PROJECTS}, entry {number}", "it is no project")
            continue
        colour = name(value.get("colour"))
        project = Project(
            *(key, title, when_ms(value.get("updated")), name(value.get("icon"))[:LONGEST_ICON]),
            colour=next((known for known in get_args(Colour) if known == colour), "grey"),
            system=unicode_text(value.get("system"))[:LONGEST_SYSTEM],
            model=name(value.get("model")) or None,
            preset=name(value.get("preset")) or None,
        )
        yield ImportedProject(
            project, [_file(members(file), files) for file in items(value.get("files"))]
        )


def _marked(found: ImportedConversation, head: JSONObject) -> Conversation:
    return replace(
        found.conversation,
        title=text(head.get("name")),
        created=_time(head, "created", found.conversation.created),
        updated=_time(head, "lastModified", found.conversation.updated),
        unread=head.get("unread") is True,
        deleted=when_ms(head.get("deleted")) or None,
        active=found.conversation.active if head.get("currNode") else None,
        settings=_settings(head),
        project=name(head.get("project")) or None,
    )


def _settings(head: JSONObject) -> JSONObject:
    """Those of the file, but for the tools: which may be used, only the page says."""
    settings = _object(head.get("settings")) or {}
    return {name: value for name, value in settings.items() if name != "tool_servers"}


def _time(head: JSONObject, member: str, otherwise: int) -> int:
    """The epoch itself is a time here, and no time that is unknown."""
    return 0 if head.get(member) == 0 else when_ms(head.get(member)) or otherwise


def _own(session: Session) -> OwnMarks:
    head = session.head
    source, source_id = name(head.get("source")), name(head.get("sourceId"))
    return OwnMarks(
        named=head.get("named") is True,
        source=source if source and source_id else None,
        source_id=source_id if source and source_id else None,
        source_ids={
            MessageId(name(one.get("id"))): name(one.get("sourceId"))
            for one in session.messages
            if one.get("sourceId")
        },
    )


def _node(value: JSONObject, place: str, files: Files) -> Node:
    node = Node(name(value.get("id")) or place, name(value.get("parent")) or None)
    who = role(value.get("role"))
    if value.get("type") == "root" or who is None:
        return node
    node.files = [_file(members(one), files) for one in items(value.get("attachments"))]
    node.message = Message(
        MessageId(node.id),
        None,
        who,
        unicode_text(value.get("content")),
        when_ms(value.get("timestamp")),
        reasoning=unicode_text(value.get("reasoningContent")),
        state=_STATES.get(name(value.get("state")), "done"),
        finish_reason=text(value.get("finishReason")) or None,
        error=_object(value.get("error")),
        model=text(value.get("model")) or None,
        endpoint=text(value.get("endpoint")) or None,
        job_id=name(value.get("jobId")) or None,
        parameters=_object(value.get("parameters")) or {},
        usage=_object(value.get("usage")),
        timings=_object(value.get("timings")),
        tool_calls=[one for call in items(value.get("toolCalls")) if (one := _object(call))],
        edited=when_ms(value.get("edited")) or None,
    )
    return node


def _object(value: JSON) -> JSONObject | None:
    cleaned = plain(value) if isinstance(value, dict) else None
    return cleaned if isinstance(cleaned, dict) else None


def _file(value: JSONObject, files: Files) -> ImportedFile:
    file, size = name(value.get("file")), value.get("size")
    found = files.find(file, text(value.get("name")), name(value.get("type")))
    if not _DIGEST.fullmatch(file) or not isinstance(size, int):
        return found
    return replace(found, file=file, size=min(max(size, 0), 2**53))
