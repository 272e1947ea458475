"""The texts that people keep to use again."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence

from llmchat.domain.errors import NoSuchPromptError, TooManyKeptError
from llmchat.domain.ids import new_id, now
from llmchat.domain.shelf import Prompt, PromptImport
from llmchat.storage.database import Database

MOST = 500
LONGEST_NAME = 60

_COLUMNS = "id, name, text, updated"
_ALL = f"select {_COLUMNS} from prompt where account = ? order by number"  # noqa: S608 - our own names
_ONE = f"select {_COLUMNS} from prompt where account = ? and id = ?"  # noqa: S608
_INSERT = "insert into prompt(account, id, name, text, updated) values (?, ?, ?, ?, ?)"
_UPDATE = "update prompt set name = ?, text = ?, updated = ? where account = ? and id = ?"
_DELETE = "delete from prompt where account = ? and id = ?"


class PromptStore:
    """The prompts of all accounts. Everything raises StorageError, and NoSuchPromptError where
    there is none with the id.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, account: str) -> list[Prompt]:
        """All of them, in the order in which they were made."""
        return await self._database.read(lambda connection: _all(connection, account))

    async def add(self, account: str, name: str, text: str) -> Prompt:
        """Keep one more. Raises TooManyKeptError."""

        def work(connection: sqlite3.Connection) -> Prompt:
            _check_room(len(_all(connection, account)) + 1)
            return _insert(connection, account, name, text)

        return await self._database.write(work, sync=True)

    async def patch(self, account: str, prompt_id: str, changes: Mapping[str, str]) -> Prompt:
        """Change `name`, `text` or both."""

        def work(connection: sqlite3.Connection) -> Prompt:
            row = connection.execute(_ONE, (account, prompt_id)).fetchone()
            if row is None:
                raise NoSuchPromptError
            name, text = changes.get("name", row[1]), changes.get("text", row[2])
            new = Prompt(prompt_id, name, text, now())
            connection.execute(_UPDATE, (new.name, new.text, new.updated, account, prompt_id))
            return new

        return await self._database.write(work, sync=True)

    async def delete(self, account: str, prompt_id: str) -> None:
        """Keep it no longer."""

        def work(connection: sqlite3.Connection) -> None:
            if not connection.execute(_DELETE, (account, prompt_id)).rowcount:
                raise NoSuchPromptError

        await self._database.write(work, sync=True)

    async def take(
        self, account: str, found: Sequence[tuple[str, str]], skipped: int
    ) -> PromptImport:
        """Keep names with texts, of which those that are there already are left alone; another text
        under a name that is taken gets a number. Raises TooManyKeptError, and keeps none then.
        """

        def work(connection: sqlite3.Connection) -> PromptImport:
            kept = [(one.name, one.text) for one in _all(connection, account)]
            before = len(kept)
            for name, text in found:
                if any(text == old and _is_copy(other, name) for other, old in kept):
                    continue
                free = _free_name(name, {other for other, _ in kept})
                kept.append((free, text))
                _insert(connection, account, free, text)
            _check_room(len(kept))
            added = len(kept) - before
            return PromptImport(added, len(found) - added, skipped)

        return await self._database.write(work, sync=True)


def _stem_of(name: str) -> str:
    """A name without the number that tells it from others."""
    return re.sub(r" \(\d+\)$", "", name)


def _is_copy(kept: str, name: str) -> bool:
    """Whether a name is kept, with a number perhaps, for which a long one had to be cut."""
    stem = _stem_of(kept)
    return stem == _stem_of(name) or (len(kept) == LONGEST_NAME and name.startswith(stem))


def _free_name(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        mark = f" ({number})"
        free = _stem_of(name)[: LONGEST_NAME - len(mark)] + mark
    return free


def _all(connection: sqlite3.Connection, account: str) -> list[Prompt]:
    return [Prompt(*row) for row in connection.execute(_ALL, (account,))]


def _insert(connection: sqlite3.Connection, account: str, name: str, text: str) -> Prompt:
    time = now()
    new = Prompt(new_id(time), name, text, time)
    connection.execute(_INSERT, (account, new.id, name, text, time))
    return new


def _check_room(count: int) -> None:
    if count > MOST:
        raise TooManyKeptError(f"At most {MOST} prompts are kept. Delete some that are not used.")
