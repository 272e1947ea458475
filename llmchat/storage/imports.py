"""Stores imported conversations, so that the same one never comes twice.

A conversation is known by the program it came from and its id there, a message by its id there. A
second import adds what is new and renews what has changed at its source. What was changed here
(edited, continued, renamed, deleted) stays as it is here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from llmchat.domain.conversation import Conversation, ConversationId, Message, MessageId
from llmchat.domain.errors import StorageError
from llmchat.domain.ids import new_id
from llmchat.domain.imported import ImportedConversation, OwnMarks
from llmchat.domain.project import Project
from llmchat.storage import conversations, messages
from llmchat.storage.database import Database
from llmchat.storage.difference import Difference, Outcome, difference
from llmchat.storage.projects import bring_project, brought_project

BATCH_MESSAGES = 100  # of one transaction, and so many characters: others write in between
BATCH_CHARACTERS = 64 * 1024
STAGE = "importing"  # the account of what is not complete yet
_HIDDEN = 2**62  # `deleted` of the same: in no list, and never old enough for the bin to forget
STAGED = "select number from conversation where account = ?"
# What is being deleted for good no longer has a claim to where it came from.
_LET_GO = """
update conversation set source = null, source_id = null
where account = ? and source = ? and source_id = ? and deleted = 0
"""
_ID_TAKEN = "select 1 from message where id = ?"
_CONVERSATION_TAKEN = "select 1 from conversation where id = ?"


@dataclass(frozen=True, slots=True)
class Stored:
    """What has become of an imported conversation; `id` is the one here, if it was touched."""

    outcome: Outcome
    id: ConversationId | None = None


class ImportStore:
    """Imports of one `account`, one at a time. Everything raises StorageError."""

    def __init__(self, database: Database, account: str = "") -> None:
        self.account = account
        self._database = database

    async def tidy(self) -> None:
        """Remove what imports left that never came to their end."""
        staged = await self._database.read(
            lambda reader: reader.execute(STAGED, (STAGE,)).fetchall()
        )
        for (number,) in staged:
            await self._discard(number)

    async def bring(self, project: Project) -> str:
        """Store a project whose files are in the store. Gives its id here: one that is here already
        stays as it is.
        """
        return await self._database.write(
            lambda writer: bring_project(writer, self.account, project), sync=True
        )

    async def project(self, source_id: str) -> str | None:
        """The id here of a project with that id in an export, if it is here."""
        return await self._database.read(
            lambda reader: brought_project(reader, self.account, source_id)
        )

    async def compare(self, one: ImportedConversation) -> Outcome:
        """What `store` would do."""
        found = await self._database.read(lambda reader: difference(reader, self.account, one))
        return found.outcome

    async def store(self, one: ImportedConversation) -> Stored:
        """All of it or nothing; a long new one in several transactions, and out of sight until the
        last one.
        """
        batches = list(_batches(one.messages))
        if len(batches) == 1 or await self.compare(one) != "new":
            return await self._database.write(lambda writer: self._store(writer, one))
        return await self._store_in_parts(one, batches)

    def _store(self, connection: sqlite3.Connection, one: ImportedConversation) -> Stored:
        found = difference(connection, self.account, one)
        if found.outcome == "new":
            new = _new(connection, one)
            number = _insert(connection, self.account, new.conversation, one, new)
            _insert_messages(connection, self.account, number, new, one.messages)
            _complete(connection, number, self.account, one, new)
            return Stored("new", new.conversation.id)
        if found.number is not None and found.outcome == "updated":
            _update(connection, self.account, found.number, found, one)
            row = connection.execute(
                "select id from conversation where number = ?", (found.number,)
            ).fetchone()
            return Stored("updated", ConversationId(row[0]))
        return Stored(found.outcome)

    async def _store_in_parts(
        self, one: ImportedConversation, batches: Sequence[Sequence[Message]]
    ) -> Stored:
        def begin(connection: sqlite3.Connection) -> tuple[int, _New]:
            connection.execute(
                "insert or ignore into account(id, name, created) values (?, '', 0)", (STAGE,)
            )
            new = _new(connection, one)
            hidden = replace(new.conversation, deleted=_HIDDEN)
            return _insert(connection, STAGE, hidden, one, new), new

        number, new = await self._database.write(begin)
        try:
            for batch in batches:
                await self._database.write(
                    lambda writer, some=batch: _insert_messages(  # type: ignore[misc]
                        writer, self.account, number, new, some
                    )
                )
            await self._database.write(
                lambda writer: _complete(writer, number, self.account, one, new)
            )
        except BaseException:
            await self._discard(number)
            raise
        return Stored("new", new.conversation.id)

    async def _discard(self, number: int) -> None:
        while await self._database.write(lambda writer: conversations.erode(writer, number)):
            pass


@dataclass(frozen=True, slots=True)
class _New:
    """Under which ids a conversation is stored, and what is noted of where it came from."""

    conversation: Conversation
    source: str | None
    source_id: str | None
    ids: dict[MessageId, MessageId]
    source_ids: dict[MessageId, str]


def _new(connection: sqlite3.Connection, one: ImportedConversation) -> _New:
    old = one.conversation
    kept = one.own is not None and not _taken(connection, _CONVERSATION_TAKEN, old.id)
    ids = _ids(connection, one.messages, own=one.own is not None)
    source: str | None = one.source
    source_id: str | None = old.id
    source_ids = {message.id: str(message.id) for message in one.messages}
    if kept and one.own is not None:
        source, source_id = one.own.source, one.own.source_id
        source_ids = _own_source_ids(one.own, ids)
    new_key = old.id if kept else ConversationId(new_id(old.created))
    active = None if old.active is None else ids.get(old.active)
    conversation = replace(old, id=new_key, active=active)
    return _New(conversation, source, source_id, ids, source_ids)


def _own_source_ids(own: OwnMarks, ids: dict[MessageId, MessageId]) -> dict[MessageId, str]:
    """A message under its old id needs no other one, but that of where it once came from."""
    moved = {key: str(key) for key, new in ids.items() if new != key}
    return moved | {key: value for key, value in own.source_ids.items() if key in ids}


def _ids(
    connection: sqlite3.Connection, fresh: Sequence[Message], *, own: bool
) -> dict[MessageId, MessageId]:
    return {
        one.id: one.id
        if own and not _taken(connection, _ID_TAKEN, one.id)
        else MessageId(new_id(one.created))
        for one in fresh
    }


def _taken(connection: sqlite3.Connection, sql: str, key: str) -> bool:
    return connection.execute(sql, (key,)).fetchone() is not None


def _insert(
    connection: sqlite3.Connection,
    account: str,
    conversation: Conversation,
    one: ImportedConversation,
    new: _New,
) -> int:
    if new.source is not None:
        connection.execute(_LET_GO, (account, new.source, new.source_id))
    named = one.own is not None and one.own.named
    return conversations.insert_conversation(
        connection, account, conversation, new.source, new.source_id, named=named
    )


def _insert_messages(
    connection: sqlite3.Connection,
    account: str,
    number: int,
    new: _New,
    batch: Sequence[Message],
) -> None:
    for one in batch:
        parent = None if one.parent_id is None else new.ids[one.parent_id]
        stored = replace(one, id=new.ids[one.id], parent_id=parent, revision=1)
        messages.insert_message(connection, account, number, stored, new.source_ids.get(one.id))


def _complete(
    connection: sqlite3.Connection,
    number: int,
    account: str,
    one: ImportedConversation,
    new: _New,
) -> None:
    """Let everybody see it. Raises StorageError if somebody else has changed it meanwhile."""
    if messages.count_messages(connection, number) != len(one.messages):
        raise StorageError("The import was disturbed. Import the file again.")
    if new.source is not None:
        connection.execute(_LET_GO, (account, new.source, new.source_id))
    shown = {"account": account, "deleted": one.conversation.deleted}
    conversations.set_columns(connection, number, shown)
    conversations.touch(connection, number)


def _update(
    connection: sqlite3.Connection,
    account: str,
    number: int,
    found: Difference,
    one: ImportedConversation,
) -> None:
    revision = conversations.touch(connection, number, one.conversation.updated)
    added = _ids(connection, found.fresh, own=one.own is not None)
    ids = {**found.ids, **added}
    source_ids = (
        {key: str(key) for key in added} if one.own is None else _own_source_ids(one.own, added)
    )
    for key, message in found.changed:
        _renew(connection, account, number, key, replace(message, revision=revision))
    for message in found.fresh:
        parent = None if message.parent_id is None else ids.get(message.parent_id)
        stored = replace(message, id=ids[message.id], parent_id=parent, revision=revision)
        messages.insert_message(connection, account, number, stored, source_ids.get(message.id))
    if found.title is not None:
        conversations.set_columns(connection, number, {"title": found.title})
    if found.moves_on and one.conversation.active is not None:
        conversations.activate(connection, number, ids.get(one.conversation.active))


def _renew(
    connection: sqlite3.Connection, account: str, number: int, key: MessageId, message: Message
) -> None:
    here = messages.find_message(connection, number, key)
    messages.update_message(
        connection,
        here,
        content=message.content,
        reasoning=message.reasoning,
        state=message.state,
        error=messages.to_json(message.error),
        finish_reason=message.finish_reason,
        model=message.model,
        tool_calls=messages.to_json(message.tool_calls),
        attachments=messages.to_json(message.attachments),
        edited=message.edited,
        revision=message.revision,
    )
    row = connection.execute("select number from message where id = ?", (key,)).fetchone()
    messages.link_files(connection, account, row[0], message.attachments)


def _batches(all_messages: Sequence[Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    size = 0
    for one in all_messages:
        batch.append(one)
        size += len(one.content) + len(one.reasoning)
        if len(batch) >= BATCH_MESSAGES or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
