"""The tools that a person has allowed for good, by account."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from llmchat.domain.ids import now
from llmchat.domain.tools import Approval
from llmchat.storage.database import Database

_ALL = "select account, server, tool, digest, created from tool_approval order by created, rowid"
# What a tool was when it was allowed before does not count any more.
_ADD = """
insert into tool_approval(account, server, tool, digest, created) values (?, ?, ?, ?, ?)
on conflict(account, server, tool) do update
set digest = excluded.digest, created = excluded.created
"""
_REMOVE = """
delete from tool_approval where account = ?1 and (?2 is null or server = ?2)
and (?3 is null or tool = ?3)
"""


@dataclass(frozen=True, slots=True)
class StoredApproval:
    """An approval, whose it is, and when it was given: milliseconds since the epoch."""

    account: str
    approval: Approval
    created: int


class ApprovalStore:
    """The approvals of all accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[StoredApproval]:
        """All of them, oldest first."""
        return await self._database.read(_read)

    async def add(self, account: str, approvals: Sequence[Approval]) -> None:
        """Allow tools; what was said of the same ones before is replaced."""
        rows = [(account, one.server, one.tool, one.digest, now()) for one in approvals]
        await self._database.write(lambda connection: _add(connection, rows))

    async def remove(self, account: str, server: str | None, tool: str | None) -> None:
        """Take back one, all of a server (`tool` is None), or all."""
        await self._database.write(lambda c: _remove(c, (account, server, tool)))


def _read(connection: sqlite3.Connection) -> list[StoredApproval]:
    rows = connection.execute(_ALL).fetchall()
    return [
        StoredApproval(account, Approval(*approval), created)
        for account, *approval, created in rows
    ]


def _add(connection: sqlite3.Connection, rows: list[tuple[str, str, str, str, int]]) -> None:
    connection.executemany(_ADD, rows)


def _remove(connection: sqlite3.Connection, which: tuple[str, str | None, str | None]) -> None:
    connection.execute(_REMOVE, which)
