"""Reading all that conversations hold, one after the other, while a server writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from llmchat.domain.conversation import Conversation, Message
from llmchat.domain.project import Project
from llmchat.storage import conversations, messages
from llmchat.storage.answers import so_far
from llmchat.storage.blobs import Blobs
from llmchat.storage.holders import find_files
from llmchat.storage.projects import list_projects
from llmchat.storage.reading import open_reading

_PAGE = 500
_NUMBERS = """
select number from conversation
where account = ? and number > ? and deleted is not 0 and (deleted is null or ?)
order by number limit ?
"""
_COUNT = """
select count(*) from conversation
where account = ? and deleted is not 0 and (deleted is null or ?)
"""
_CONVERSATION = f"""
select named, source, source_id, {conversations.COLUMNS} from conversation where number = ?
"""  # noqa: S608 - our own names
_CHILDREN = "select parent, id from message where conversation = ? order by number"
_MESSAGES = f"""
select source_id, {messages.COLUMNS} from message where conversation = ? order by number
"""  # noqa: S608 - our own names
_NEWEST = "select id from message where conversation = ? order by number desc limit 1"


@dataclass(frozen=True, slots=True)
class ExportedConversation:
    """`named`: a person chose the title. `source`: where it was imported from, and its id there.

    `children` has the ids of the messages below each one, in order; below None those that begin
    a branch. `active` is the message that the branch in view ends with, if there is any message.
    """

    number: int
    conversation: Conversation
    named: bool
    source: str | None
    source_id: str | None
    children: dict[str | None, list[str]]
    active: str | None


@dataclass(frozen=True, slots=True)
class ExportedMessage:
    """A message, and its id where it was imported from."""

    message: Message
    source_id: str | None


class ExportReader:
    """`with ExportReader(path) as reader:` in one thread at a time. Raises sqlite3.Error.

    It has a connection of its own: a long export takes no reader from the server. `whole`: it is
    for all that the account has, also the projects that have no conversation.
    """

    def __init__(self, path: Path, account: str = "", *, whole: bool = True) -> None:
        self._connection = open_reading(path)
        self._account = account
        self.whole = whole

    def __enter__(self) -> ExportReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def projects(self) -> list[Project]:
        """The projects of the account."""
        return list_projects(self._connection, self._account)

    def numbers_of(self, ids: Sequence[str]) -> list[int]:
        """The numbers of these conversations. Raises NoSuchConversationError."""
        return [conversations.number_of(self._connection, self._account, one) for one in ids]

    def titled(self, conversation_id: str) -> tuple[int, str]:
        """The number and the title of a conversation. Raises NoSuchConversationError."""
        number = conversations.number_of(self._connection, self._account, conversation_id)
        return number, conversations.conversation_at(self._connection, number).title

    def count(self, *, with_bin: bool) -> int:
        """How many conversations there are, those in the bin included or not."""
        count: int = self._connection.execute(_COUNT, (self._account, with_bin)).fetchone()[0]
        return count

    def numbers(self, *, with_bin: bool) -> Iterator[int]:
        """The numbers of all conversations, oldest first."""
        last = 0
        while True:
            values = (self._account, last, with_bin, _PAGE)
            page = [number for (number,) in self._connection.execute(_NUMBERS, values).fetchall()]
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1]

    def file(self, blobs: Blobs, file: str) -> Path | None:
        """Where a file is, if it is there; None for one that the account does not hold."""
        held = find_files(self._connection, self._account, [file])
        return blobs.path(file) if file in held else None

    @contextmanager
    def conversation(self, number: int) -> Iterator[ExportedConversation | None]:
        """A conversation as it is at one moment, while this lasts; None if it is gone."""
        self._connection.execute("begin")
        try:
            yield self._read(number)
        finally:
            self._connection.execute("rollback")

    def messages(self, conversation: ExportedConversation) -> Iterator[ExportedMessage]:
        """Its messages, parents first. Only a few are in memory."""
        for source_id, *row in self._connection.execute(_MESSAGES, (conversation.number,)):
            message = so_far(self._connection, messages.read_message(tuple(row)))
            yield ExportedMessage(message, source_id)

    def branch(self, conversation: ExportedConversation) -> Iterator[ExportedMessage]:
        """The messages of the branch in view."""
        parents = {
            child: parent for parent, below in conversation.children.items() for child in below
        }
        path = set()
        at = conversation.active
        while at is not None and at not in path:
            path.add(at)
            at = parents.get(at)
        return (one for one in self.messages(conversation) if one.message.id in path)

    def _read(self, number: int) -> ExportedConversation | None:
        row = self._connection.execute(_CONVERSATION, (number,)).fetchone()
        if row is None:
            return None
        named, source, source_id, *columns = row
        conversation = conversations.read_conversation(tuple(columns))
        children: dict[str | None, list[str]] = {}
        known: set[str | None] = {None}
        for parent, child in self._connection.execute(_CHILDREN, (number,)):
            children.setdefault(parent if parent in known else None, []).append(child)
            known.add(child)
        active: str | None = conversation.active
        if active not in known or active is None:
            newest = self._connection.execute(_NEWEST, (number,)).fetchone()
            active = None if newest is None else newest[0]
        return ExportedConversation(
            number, conversation, bool(named), source, source_id, children, active
        )
