"""What was done to accounts, keys and sessions, in the order in which it happened."""

from __future__ import annotations

import sqlite3
from typing import Final

from llmchat.domain.access import AuditEntry
from llmchat.domain.ids import now as _now
from llmchat.storage.database import Database

KEPT_MS: Final = 365 * 86_400_000
MOST_ENTRIES: Final = 100_000

_ADD = """
insert into audit(time, actor, name, action, target, address)
values (?, ?, coalesce((select name from account where id = ?), ''), ?, ?, ?)
"""
_TIDY = "delete from audit where time < ? or number <= ?"
_LIST = """
select number, time, actor, name, action, target, address from audit
where number < ? order by number desc limit ?
"""


class AuditStore:
    """The log. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, actor: str, action: str, target: str = "", address: str = "") -> None:
        """Note what the account `actor` has done, empty for the owner, to whom or what."""
        await self._database.write(lambda one: note(one, actor, action, target, address), sync=True)

    async def list(self, before: int | None, limit: int) -> list[AuditEntry]:
        """The newest first, those before a number."""
        values = (before if before is not None else 2**62, limit)
        rows = await self._database.read(lambda one: one.execute(_LIST, values).fetchall())
        return [AuditEntry(*row) for row in rows]


def note(
    connection: sqlite3.Connection, actor: str, action: str, target: str = "", address: str = ""
) -> None:
    """The same within a transaction: it is noted if and only if it was done."""
    now = _now()
    row = (now, actor, actor, action, target, address)
    number = connection.execute(_ADD, row).lastrowid or 0
    connection.execute(_TIDY, (now - KEPT_MS, number - MOST_ENTRIES))
