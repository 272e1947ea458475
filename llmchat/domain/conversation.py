"""A conversation is a tree of messages; one of its branches is in view."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NewType, TypeAlias

from llmchat.domain.chat import JSONObject

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
MessageState: TypeAlias = Literal["running", "done", "error", "cancelled"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message: `file` is the SHA-256 of its content, in hex."""

    file: str
    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message. Times are milliseconds since the epoch.

    While its state is `running`, `content` is what an answer began with, and the stream of `job`
    has the rest. `error` has the members of a job's `error` event, `usage` and `timings` those of
    `done`; `timings` besides `thinking_seconds`, and `first_endpoint` if that one did not answer.
    `revision` is that of the conversation when the message was last changed.
    """

    id: MessageId
    parent_id: MessageId | None
    role: Role
    content: str
    created: int
    reasoning: str = ""
    state: MessageState = "done"
    finish_reason: str | None = None
    error: JSONObject | None = None
    model: str | None = None
    endpoint: str | None = None
    job_id: str | None = None
    parameters: JSONObject = field(default_factory=dict)
    usage: JSONObject | None = None
    timings: JSONObject | None = None
    tool_calls: list[JSONObject] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    edited: int | None = None
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its messages, as a list shows it.

    `active` is the last message of the branch in view. `unread`: an answer came that nobody has
    seen; `running`: one is being made. `deleted` is when it went into the bin. `project` is the id
    of the one that it belongs to.
    """

    id: ConversationId
    title: str
    created: int
    updated: int
    pinned: bool = False
    archived: bool = False
    unread: bool = False
    running: bool = False
    deleted: int | None = None
    active: MessageId | None = None
    settings: JSONObject = field(default_factory=dict)
    revision: int = 0
    project: str | None = None
