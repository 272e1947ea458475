"""What the API answers, where it is more than a thing of the domain."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from llmchat.attachments.limits import FileLimits
from llmchat.domain.chat import JSONObject
from llmchat.domain.conversation import Conversation, Message
from llmchat.domain.imported import ImportReport
from llmchat.storage.conversation_store import Tree


class ConversationPage(Struct):
    """A part of a list; `next` is the cursor of what follows."""

    items: list[Conversation]
    next: str | None


class WholeConversation(Struct):
    """A conversation with messages; `count` is of all that it has. `missing` are the files of these
    messages that are no longer there.
    """

    id: str
    title: str
    created: int
    updated: int
    pinned: bool
    archived: bool
    unread: bool
    running: bool
    deleted: int | None
    active: str | None
    settings: JSONObject
    revision: int
    messages: list[Message]
    count: int
    missing: list[str]

    @classmethod
    def of(cls, tree: Tree, missing: list[str]) -> WholeConversation:
        """The same as in the store."""
        one = tree.conversation
        return cls(
            id=one.id,
            title=one.title,
            created=one.created,
            updated=one.updated,
            pinned=one.pinned,
            archived=one.archived,
            unread=one.unread,
            running=one.running,
            deleted=one.deleted,
            active=one.active,
            settings=one.settings,
            revision=one.revision,
            messages=tree.messages,
            count=tree.count,
            missing=missing,
        )


class Accepted(Struct):
    """What `POST /chat` answers; the last three for what is stored in a conversation."""

    job_id: str
    stream: str
    model: str
    endpoint: str
    conversation_id: str | UnsetType = UNSET
    message_id: str | UnsetType = UNSET
    user_message_id: str | UnsetType | None = UNSET


class JobItem(Struct):
    """A job in a list."""

    id: str
    state: Literal["queued", "running", "done", "error", "cancelled"]
    model: str
    endpoint: str
    last_event_id: str | None


class JobPage(Struct):
    """The newest jobs, oldest first."""

    items: list[JobItem]
    next: None


class JobEvent(Struct):
    """An event as the stream has it."""

    id: str
    event: str
    data: dict[str, Any]


class WholeJob(JobItem):
    """A job with its events."""

    events: list[JobEvent]


class ModelList(Struct):
    """OpenAI's list and a little more."""

    object: Literal["list"]
    data: list[dict[str, Any]]
    default: str | None
    reason: str | None
    reason_code: str | None
    endpoints: list[dict[str, Any]]
    ready: bool
    notices: list[dict[str, str]]
    attachments: FileLimits


class Changed(Struct):
    """How many were not so before."""

    changed: int


class Deleted(Struct):
    """How many messages went, and what the branch in view ends with now."""

    deleted: int
    active: str | None


class Stored(Struct):
    """A file that is kept: `file` is its SHA-256 in hex. An image has its size in pixels, what has
    text the number of its characters, a PDF that of its pages, and whether only a part was read.
    """

    file: str
    name: str
    type: str
    size: int
    kind: Literal["image", "text", "pdf"]
    width: int | UnsetType = UNSET
    height: int | UnsetType = UNSET
    characters: int | UnsetType = UNSET
    pages: int | UnsetType = UNSET
    cut: bool | UnsetType = UNSET


class Started(Struct):
    """An import that has begun."""

    import_id: str


class Failure(Struct):
    """Why something could not be done."""

    code: str
    message: str


class ImportState(Struct):
    """An import, how far it is, and what it has done so far."""

    import_id: str
    state: Literal["running", "done", "error", "cancelled"]
    done_bytes: int
    total_bytes: int
    report: ImportReport
    error: Failure | None


class ToolServer(Struct):
    """A server that chats may turn on in their setting `tool_servers`."""

    name: str
    kind: Literal["stdio", "http"]


class Approval(Struct):
    """What may run without a question; without a `tool` all of the server's."""

    server: str
    tool: str | None
    created: int


class Tools(Struct):
    """`problem` says, for a person, why `mcp.json` cannot be used."""

    servers: list[ToolServer]
    problem: str | None
    approvals: list[Approval]


class Health(Struct):
    """All is well."""

    status: Literal["ok"]


class FieldError(Struct):
    """What is wrong with one value, and a JSON pointer to it."""

    pointer: str
    detail: str


class ProblemBody(Struct):
    """An error (RFC 9457); docs/errors.md has the codes."""

    type: str
    title: str
    status: int
    code: str
    detail: str | UnsetType = UNSET
    errors: list[FieldError] | UnsetType = UNSET
