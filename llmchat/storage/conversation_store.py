"""What the conversations of a database can be asked and told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

from llmchat.domain.conversation import Conversation, ConversationId, Message, MessageId
from llmchat.domain.errors import RunningError
from llmchat.domain.ids import new_id, now
from llmchat.storage import conversations as rows
from llmchat.storage import messages
from llmchat.storage.database import Database
from llmchat.storage.holders import StoredFile, find_files

T = TypeVar("T")

_LIVE = f"""
select {rows.COLUMNS}, updated, number from conversation
where account = ? and deleted is null and archived = ? and pinned = ?
and (updated, number) < (?, ?) order by updated desc, number desc limit ?
"""  # noqa: S608
# The `+` keeps SQLite to the index of the project.
_IN_PROJECT = f"""
select {rows.COLUMNS}, updated, number from conversation
where project = ? and +account = ? and deleted is null and archived = ? and pinned = ?
and (updated, number) < (?, ?) order by updated desc, number desc limit ?
"""  # noqa: S608
_IN_BIN = f"""
select {rows.COLUMNS}, deleted, number from conversation
where account = ? and deleted > 0
and (deleted, number) < (?, ?) order by deleted desc, number desc limit ?
"""  # noqa: S608


class Place(NamedTuple):
    """Where a list goes on: after the conversation of this time and number."""

    time: int
    number: int


TOP = Place(2**63 - 1, 0)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list; `next` is where it goes on, if it does."""

    items: list[Conversation]
    next: Place | None


@dataclass(frozen=True, slots=True)
class Tree:
    """A conversation and its messages in order of creation; `count` is of all of them."""

    conversation: Conversation
    messages: list[Message]
    count: int


class ConversationStore:
    """The conversations of a database. Everything raises StorageError, and, where there is none
    with the id, NoSuchConversationError or NoSuchMessageError.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, account: str, conversation: Conversation, branch: Sequence[Message] = ()
    ) -> Conversation:
        """Store a conversation with messages, parents first."""

        def work(connection: sqlite3.Connection) -> Conversation:
            return rows.create(connection, account, conversation, branch)

        return await self._database.write(work, sync=True)

    async def get(self, account: str, conversation_id: str) -> Conversation:
        """A conversation, also one in the bin."""

        def work(connection: sqlite3.Connection) -> Conversation:
            return rows.conversation_at(
                connection, rows.number_of(connection, account, conversation_id)
            )

        return await self._database.read(work)

    async def tree(self, account: str, conversation_id: str, since: int = -1) -> Tree:
        """A conversation with its messages; `since`: of those changed after this revision."""

        def work(connection: sqlite3.Connection) -> Tree:
            number = rows.number_of(connection, account, conversation_id)
            return Tree(
                rows.conversation_at(connection, number),
                messages.messages_of(connection, number, since),
                messages.count_messages(connection, number),
            )

        return await self._database.read(_as_of_now(work))

    async def path(
        self, account: str, conversation_id: str, message_id: str | None
    ) -> tuple[Conversation, list[Message]]:
        """A conversation, and its messages from the root to one of them; none for None."""

        def work(connection: sqlite3.Connection) -> tuple[Conversation, list[Message]]:
            number = rows.number_of(connection, account, conversation_id)
            one = rows.conversation_at(connection, number)
            path = [] if message_id is None else messages.path_to(connection, number, message_id)
            return one, path

        return await self._database.read(_as_of_now(work))

    async def list(
        self,
        account: str,
        *,
        limit: int,
        after: Place = TOP,
        pinned: bool | None = None,
        archived: bool = False,
        deleted: bool = False,
        project: str | None = None,
    ) -> Page:
        """Some conversations, the last used first; those in the bin by when they went there.
        `project`: only those of this one.
        """
        place = (*after, limit + 1)

        def work(connection: sqlite3.Connection) -> Sequence[tuple[Any, ...]]:
            if deleted:
                return connection.execute(_IN_BIN, (account, *place)).fetchall()
            sql = _LIVE if project is None else _IN_PROJECT
            whose = (account,) if project is None else (project, account)
            found = []
            # Each in the order of the index: both together would have to be sorted.
            for side in (True, False) if pinned is None else (pinned,):
                found += connection.execute(sql, (*whose, archived, side, *place)).fetchall()
            return sorted(found, key=lambda row: row[-2:], reverse=True)

        found = await self._database.read(_as_of_now(work))
        items = [rows.read_conversation(row) for row in found[:limit]]
        return Page(items, Place(*found[limit - 1][-2:]) if len(found) > limit else None)

    async def patch(
        self, account: str, conversation_id: str, changes: Mapping[str, Any]
    ) -> rows.Changed:
        """Set some of title, pinned, archived, unread, active, settings and project. A title that
        is set is of a person. `active` may be any message: the branch goes on to its newest leaf.
        """

        def work(connection: sqlite3.Connection, number: int) -> rows.Changed:
            columns: dict[str, object] = dict(changes)
            if "title" in columns:
                columns["named"] = True
            rows.check_project(connection, account, changes.get("project"))
            if "settings" in columns:
                columns["settings"] = messages.to_json(columns["settings"]) or "{}"
            if (active := columns.get("active")) is not None:
                messages.find_message(connection, number, str(active))
                columns["active"] = messages.newest_leaf(connection, number, str(active))
            rows.set_columns(connection, number, columns)
            rows.touch(connection, number)
            return rows.changed(connection, number)

        return await self._write(account, conversation_id, work)

    async def bin(self, account: str, conversation_id: str) -> rows.Changed | None:
        """Put a conversation into the bin. None if it is there."""
        return await self._act_on_one(account, conversation_id, "delete")

    async def restore(self, account: str, conversation_id: str) -> rows.Changed | None:
        """Take a conversation out of the bin. None if it is not there."""
        return await self._act_on_one(account, conversation_id, "restore")

    async def batch(
        self,
        account: str,
        conversation_ids: Sequence[str],
        action: rows.Action,
        project: str | None = None,
    ) -> Sequence[rows.Changed]:
        """Do the same with many. Unknown ids and those that are so already are left out. What is
        deleted for good is gone at once for everybody. `project` is where they are moved to.
        """

        def work(connection: sqlite3.Connection) -> Sequence[rows.Changed]:
            rows.check_project(connection, account, project)
            found = []
            for one in dict.fromkeys(conversation_ids):
                row = connection.execute(rows.FIND, (account, one)).fetchone()
                changed = row and rows.act(connection, row[0], action, project)
                if changed is not None:
                    found.append(changed)
            return found

        changed = await self._database.write(work)
        if action == "delete-forever":
            await self.empty_bin(rows.DOOMED + 1)
        return changed

    async def purge(self, account: str, conversation_id: str) -> rows.Changed:
        """Delete a conversation for good, with its messages. It is gone at once for everybody."""

        def work(connection: sqlite3.Connection, number: int) -> rows.Changed:
            changed = rows.changed(
                connection, number, jobs=messages.running_jobs(connection, number)
            )
            rows.set_columns(connection, number, {"deleted": rows.DOOMED})
            return changed

        changed = await self._write(account, conversation_id, work)
        await self.empty_bin(rows.DOOMED + 1)
        return changed

    async def doom_all(self, account: str) -> tuple[int, Sequence[str]]:
        """Let all conversations of an account be gone at once for everybody; `empty_bin` deletes
        them. Gives how many there were, and the jobs that write answers in them.
        """
        return await self._database.write(lambda writer: rows.doom_all(writer, account), sync=True)

    async def empty_doomed(self) -> None:
        """Delete for good what nobody finds any more."""
        await self.empty_bin(rows.DOOMED + 1)

    async def empty_bin(self, before: int) -> Sequence[tuple[str, ConversationId]]:
        """Delete for good what went into the bins before that time. Gives what went, and whose it
        was.
        """
        gone = []
        while (
            one := await self._database.read(lambda reader: rows.oldest_in_bin(reader, before))
        ) is not None:
            number, account, conversation_id = one
            while await self._database.write(lambda writer, n=number: rows.erode(writer, n)):  # type: ignore[misc]
                pass
            gone.append((account, ConversationId(conversation_id)))
        return gone

    async def fork(self, account: str, conversation_id: str, message_id: str) -> rows.Changed:
        """A new conversation with a copy of the path to a message. RunningError while one of them
        is being written.
        """

        def work(connection: sqlite3.Connection, number: int) -> rows.Changed:
            path = messages.path_to(connection, number, message_id)
            if any(one.state == "running" for one in path):
                raise RunningError
            old, time = rows.conversation_at(connection, number), now()
            branch = messages.copies(path)
            new = Conversation(
                ConversationId(new_id(time)),
                old.title,
                created=time,
                updated=time,
                active=branch[-1].id,
                settings=old.settings,
                project=old.project,
            )
            new = rows.create(connection, account, new, branch)
            return rows.Changed(account, new, [one.id for one in branch], [])

        return await self._write(account, conversation_id, work, sync=True)

    async def add(self, account: str, conversation_id: str, message: Message) -> rows.Changed:
        """Store a message below its parent, beside what is there; the branch ends with it."""

        def work(connection: sqlite3.Connection, number: int) -> rows.Changed:
            if message.parent_id is not None:
                messages.find_message(connection, number, message.parent_id)
            revision = rows.touch(connection, number, message.created)
            messages.insert_message(
                connection, account, number, replace(message, revision=revision)
            )
            rows.activate(connection, number, message.id)
            return rows.changed(connection, number, [message.id])

        return await self._write(account, conversation_id, work, sync=True)

    async def edit(
        self, account: str, conversation_id: str, message_id: str, changes: Mapping[str, str]
    ) -> rows.Changed:
        """Set `content` or `reasoning`. RunningError while the message is being written."""

        def work(connection: sqlite3.Connection, number: int) -> rows.Changed:
            message = messages.find_message(connection, number, message_id)
            if message.state == "running":
                raise RunningError
            revision = rows.touch(connection, number)
            messages.update_message(connection, message, **changes, edited=now(), revision=revision)
            return rows.changed(connection, number, [message.id])

        return await self._write(account, conversation_id, work, sync=True)

    async def delete(
        self, account: str, conversation_id: str, message_id: str
    ) -> tuple[int, rows.Changed]:
        """Delete a message with all below it. Gives how many. A branch in view that loses its end
        ends with the newest of what is left beside or above it.
        """

        def work(connection: sqlite3.Connection, number: int) -> tuple[int, rows.Changed]:
            parent = messages.find_message(connection, number, message_id).parent_id
            count, jobs = messages.delete_branch(connection, number, message_id)
            active = rows.conversation_at(connection, number).active
            if not rows.has_message(connection, number, active):
                rows.activate(connection, number, messages.newest_leaf(connection, number, parent))
            rows.touch(connection, number)
            return count, rows.changed(connection, number, [MessageId(message_id)], jobs)

        return await self._write(account, conversation_id, work)

    async def message(self, account: str, conversation_id: str, message_id: str) -> Message:
        """One message."""

        def work(connection: sqlite3.Connection) -> Message:
            number = rows.number_of(connection, account, conversation_id)
            return messages.find_message(connection, number, message_id)

        return await self._database.read(work)

    async def files(self, account: str, ids: Sequence[str]) -> Mapping[str, StoredFile]:
        """Of some files those that an account holds."""
        return await self._database.read(lambda reader: find_files(reader, account, ids))

    async def _act_on_one(
        self, account: str, conversation_id: str, action: rows.Action
    ) -> rows.Changed | None:
        return await self._write(
            account,
            conversation_id,
            lambda connection, number: rows.act(connection, number, action),
        )

    async def _write(
        self,
        account: str,
        conversation_id: str,
        work: Callable[[sqlite3.Connection, int], T],
        *,
        sync: bool = False,
    ) -> T:
        def whole(connection: sqlite3.Connection) -> T:
            return work(connection, rows.number_of(connection, account, conversation_id))

        return await self._database.write(whole, sync=sync)


def _as_of_now(work: Callable[[sqlite3.Connection], T]) -> Callable[[sqlite3.Connection], T]:
    """Let several statements of a reader see the same state of the file."""

    def whole(connection: sqlite3.Connection) -> T:
        connection.execute("begin")
        try:
            return work(connection)
        finally:
            connection.execute("rollback")

    return whole
