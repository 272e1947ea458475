"""The keys of our own API: of each only a hash is kept.

A key has 256 random bits, so that a plain hash is enough: nobody can try them all. It is looked up
by its hash, and how long that takes tells nothing of the key.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import sqlite3
import time
from dataclasses import dataclass

from llmchat.domain.api_key import ApiKey
from llmchat.domain.errors import RequestError
from llmchat.storage.database import Database

PREFIX = "llmchat-"  # by which scanners and people know what they have found
MOST_KEYS = 100  # of one account
USED_MS = 60_000  # a use is written down once in so long: most requests write nothing
_ENDING = 4

_ADD = """
insert into api_key(id, account, name, hash, ending, created) values (?, ?, ?, ?, ?, ?)
"""
_COUNT = "select count(*) from api_key where account = ?"
_LIST = """
select id, name, ending, created, used from api_key where account = ? order by created desc, id
"""
_FIND = "select id, account, used from api_key where hash = ?"
_USED = "update api_key set used = ? where id = ?"
_DELETE = "delete from api_key where account = ? and id = ?"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks with a key: the account, and which of its keys it is."""

    account: str
    key_id: str


class ApiKeyStore:
    """The keys of all accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, account: str) -> list[ApiKey]:
        """The keys of an account, the newest first."""
        rows = await self._database.read(
            lambda connection: connection.execute(_LIST, (account,)).fetchall()
        )
        return [ApiKey(*row) for row in rows]

    async def create(self, account: str, name: str) -> tuple[ApiKey, str]:
        """A new key, and its text, which is told only now. RequestError if there are too many."""
        text = PREFIX + secrets.token_urlsafe(32)
        key = ApiKey(secrets.token_hex(8), name, text[-_ENDING:], _now(), None)

        def work(connection: sqlite3.Connection) -> None:
            if connection.execute(_COUNT, (account,)).fetchone()[0] >= MOST_KEYS:
                raise RequestError(
                    f"There are {MOST_KEYS} keys. Revoke one that is no longer used.",
                    code="too-many-keys",
                    status=422,
                )
            row = (key.id, account, name, _hash(text), key.ending, key.created)
            connection.execute(_ADD, row)

        await self._database.write(work, sync=True)
        return key, text

    async def holder(self, text: str) -> Holder | None:
        """Who a key belongs to; None for one that is none, or was revoked."""
        digest = _hash(text)
        row = await self._database.read(
            lambda connection: connection.execute(_FIND, (digest,)).fetchone()
        )
        if row is None:
            return None
        key_id, account, used = row
        now = _now()
        if used is None or now - used >= USED_MS:
            # Not waited for: that the use was not noted is no reason to refuse it.
            writing = self._database.write(lambda connection: _note(connection, now, key_id))
            writing.add_done_callback(_forget)
        return Holder(account, key_id)

    async def revoke(self, account: str, key_id: str) -> bool:
        """Make a key useless at once. False if the account has none with this id."""

        def work(connection: sqlite3.Connection) -> bool:
            return connection.execute(_DELETE, (account, key_id)).rowcount > 0

        return await self._database.write(work, sync=True)


def _note(connection: sqlite3.Connection, now: int, key_id: str) -> None:
    connection.execute(_USED, (now, key_id))


def _forget(done: asyncio.Future[None]) -> None:
    if not done.cancelled():
        done.exception()  # else the loop complains that nobody has looked at it


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _now() -> int:
    return time.time_ns() // 1_000_000
