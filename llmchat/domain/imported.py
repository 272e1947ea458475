"""A conversation out of another program's export, before it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from llmchat.domain.conversation import Conversation, Message, MessageId
from llmchat.domain.project import Project


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A file that goes with a message. `read` gives its content in pieces, as often as it is
    called, and may raise OSError; it is None where the export has the name of the file only.
    `file` and `size` are what the export says of its content.
    """

    name: str
    type: str
    read: Callable[[], Iterator[bytes]] | None = None
    file: str = ""
    size: int = 0


@dataclass(frozen=True, slots=True)
class ImportedConversation:
    """All ids in it are those of `source`, by which a second import knows what is there already.

    `messages` come parents first; each parent is among them, or None.
    """

    source: str
    conversation: Conversation
    messages: list[Message]
    files: dict[MessageId, list[ImportedFile]] = field(default_factory=dict)
    own: OwnMarks | None = None


@dataclass(frozen=True, slots=True)
class ImportedProject:
    """A project under its id in an export of llmchat. Its files are not in the store yet."""

    project: Project
    files: list[ImportedFile]


@dataclass(frozen=True, slots=True)
class OwnMarks:
    """What only an export of llmchat itself says. Its ids are kept where they are free.

    `source` and the others are of the program that the conversation once came from, if any.
    """

    named: bool = False
    source: str | None = None
    source_id: str | None = None
    source_ids: dict[MessageId, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """What of an export could not be imported, and why; both for a person."""

    what: str
    why: str


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do if it is only tried (`dry_run`)."""

    format: str = ""
    conversations: int = 0
    messages: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    attachments: int = 0
    missing_attachments: int = 0
    projects: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    skipped_more: int = 0
    dry_run: bool = False
