"""The sessions: of each cookie only a hash is kept.

A cookie has 256 random bits, so that a plain hash is enough. It is looked up by its hash, and how
long that takes tells nothing of it.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Final

from llmchat.domain.access import Role, Session
from llmchat.domain.ids import now as _now
from llmchat.storage.database import Database

IDLE_MS: Final = 14 * 86_400_000
WHOLE_MS: Final = 90 * 86_400_000
MOST_SESSIONS: Final = 100  # of one account: the one that was used longest ago ends

_ADD = """
insert into session(id, account, hash, way, device, address, created, seen)
values (?, ?, ?, ?, ?, ?, ?, ?)
"""
_FIND = """
select s.id, s.account, s.way, s.created, s.seen, a.role
from session s join account a on a.id = s.account where s.hash = ? and not a.disabled
"""
_LIST = """
select id, device, address, created, seen from session
where account = ? and seen > ? and created > ? order by seen desc, id
"""
_OLD = "delete from session where seen <= ? or created <= ?"
_SURPLUS = """
delete from session where id in (
    select id from session where account = ? order by seen desc limit -1 offset ?
)
"""
_SEEN = "update session set seen = ? where id = ?"
_STILL = """
select exists(
    select 1 from session s join account a on a.id = s.account where s.id = ? and not a.disabled
)
"""


@dataclass(frozen=True, slots=True)
class KnownSession:
    """A session as it is checked; `way` is how it was begun, times are in ms."""

    id: str
    account: str
    way: str
    created: int
    seen: int
    role: Role


class SessionStore:
    """The sessions of all accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(self, account: str, way: str, device: str, address: str) -> tuple[str, str]:
        """A new one: its id, and the text of its cookie, which is told only now."""
        session, text = secrets.token_hex(8), secrets.token_urlsafe(32)

        def work(connection: sqlite3.Connection) -> None:
            now = _now()
            connection.execute(_OLD, (now - IDLE_MS, now - WHOLE_MS))
            row = (session, account, digest_of(text), way, device, address, now, now)
            connection.execute(_ADD, row)
            connection.execute(_SURPLUS, (account, MOST_SESSIONS))

        await self._database.write(work, sync=True)
        return session, text

    async def find(self, text: str) -> KnownSession | None:
        """The session of a cookie, whose account is not disabled; it may be too old."""
        digest = digest_of(text)
        row = await self._database.read(lambda one: one.execute(_FIND, (digest,)).fetchone())
        if row is None:
            return None
        session, account, way, created, seen, role = row
        return KnownSession(session, account, way, created, seen, Role(role))

    async def still(self, session: str) -> bool:
        """Whether the one of an id was not ended."""
        return await self._database.read(
            lambda one: bool(one.execute(_STILL, (session,)).fetchone()[0])
        )

    async def list(self, account: str) -> list[Session]:
        """Those of an account, the one that was used last first."""
        now = _now()
        values = (account, now - IDLE_MS, now - WHOLE_MS)
        rows = await self._database.read(lambda one: one.execute(_LIST, values).fetchall())
        return [Session(*row) for row in rows]

    async def note_use(self, session: str) -> None:
        """It was used just now."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_SEEN, (_now(), session))

        await self._database.write(work)

    async def end(self, account: str, session: str) -> bool:
        """End one. False if the account has none with this id."""
        statement = "delete from session where account = ? and id = ?"
        return await self._database.write(
            lambda one: one.execute(statement, (account, session)).rowcount > 0, sync=True
        )

    async def end_others(self, account: str, keep: str = "") -> int:
        """End all of an account but one. Gives how many that were."""
        return await self._database.write(lambda one: end_others(one, account, keep), sync=True)


def end_others(connection: sqlite3.Connection, account: str, keep: str = "") -> int:
    """End all sessions of an account but one, within a transaction."""
    statement = "delete from session where account = ? and id <> ?"
    return connection.execute(statement, (account, keep)).rowcount


def digest_of(text: str) -> bytes:
    """What is kept of a secret with so many random bits that nobody can try them all."""
    return hashlib.sha256(text.encode()).digest()
