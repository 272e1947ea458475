"""What the API answers, where it is more than a thing of the domain."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from llmchat.attachments.limits import FileLimits
from llmchat.domain.access import Scope
from llmchat.domain.api_key import ApiKey
from llmchat.domain.chat import JSONObject
from llmchat.domain.conversation import Conversation, Message
from llmchat.domain.imported import ImportReport
from llmchat.domain.statistics import Price
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
    project: str | None
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
            project=one.project,
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


class Rehearsed(Struct):
    """What an endpoint would be sent. `url` and `curl` are null for the built-in model, whose
    address only its own process knows; in `curl` the key is $OPENAI_API_KEY. `shortened`: only the
    start of images is shown.
    """

    endpoint: str
    model: str
    url: str | None
    body: JSONObject
    curl: str | None
    shortened: bool


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


class FileOfModel(Struct):
    """What the header of a model file tells. `context_length` is what the model was made for,
    `needed_bytes` about what it takes in memory.
    """

    name: str
    title: str
    size_bytes: int
    quantisation: str
    parameters: int
    architecture: str
    context_length: int | None
    chat_template: bool
    needed_bytes: int
    state: Literal["off", "loading", "ready", "closing"]


class Listed(Struct):
    """A model in a list; one that is a file of the folder of models has `file`."""

    id: str
    object: Literal["model"]
    owned_by: str
    endpoint: str
    kind: Literal["configured", "discovered", "embedded", "local"]
    context_window: int | None
    capabilities: dict[str, bool | None]
    price: Price | None
    favourite: bool
    hidden: bool
    default: bool
    file: FileOfModel | UnsetType = UNSET


class RefusedFile(Struct):
    """A file of the folder of models that cannot be used; docs/errors.md has the codes."""

    file: str
    size_bytes: int
    code: str
    reason: str


class ModelsFolder(Struct):
    """Where model files lie, and those that cannot be used."""

    folder: str
    refused: list[RefusedFile]


class ModelList(Struct):
    """OpenAI's list and a little more."""

    object: Literal["list"]
    data: list[Listed]
    default: str | None
    reason: str | None
    reason_code: str | None
    endpoints: list[dict[str, Any]]
    ready: bool
    notices: list[dict[str, str]]
    attachments: FileLimits
    local: ModelsFolder


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


class KeyList(Struct):
    """The newest first."""

    items: list[ApiKey]


class NewKey(Struct):
    """A key that was just made. `key` is told this once."""

    id: str
    name: str
    ending: str
    created: int
    used: int | None
    scopes: list[Scope]
    expires: int | None
    key: str
