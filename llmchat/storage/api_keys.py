"""The keys of our own API: of each only a hash is kept.

A key has 256 random bits, so that a plain hash is enough: nobody can try them all. It is looked up
by its hash, and how long that takes tells nothing of the key.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from llmchat.domain.access import Role, Scope
from llmchat.domain.api_key import ApiKey
from llmchat.domain.errors import RequestError
from llmchat.domain.ids import now as _now
from llmchat.storage.database import Database
from llmchat.storage.sessions import digest_of

PREFIX = "llmchat-"  # by which scanners and people know what they have found
MOST_KEYS = 100  # of one account
_ENDING = 4

_ADD = """
insert into api_key(id, account, name, hash, ending, created, scopes, expires)
values (?, ?, ?, ?, ?, ?, ?, ?)
"""
_COUNT = "select count(*) from api_key where account = ?"
_LIST = """
select id, name, ending, created, used, scopes, expires from api_key where account = ?
order by created desc, id
"""
_FIND = """
select k.id, k.account, k.scopes, k.expires, a.role
from api_key k join account a on a.id = k.account where k.hash = ? and not a.disabled
"""
_STILL = """
select exists(
    select 1 from api_key k join account a on a.id = k.account where k.id = ? and not a.disabled
)
"""
_USED = "update api_key set used = ? where id = ?"
_DELETE = "delete from api_key where account = ? and id = ?"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key as it is checked. It may be too old."""

    id: str
    account: str
    scopes: frozenset[Scope]
    expires: int | None
    role: Role


class ApiKeyStore:
    """The keys of all accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, account: str) -> list[ApiKey]:
        """The keys of an account, the newest first."""
        rows = await self._database.read(
            lambda connection: connection.execute(_LIST, (account,)).fetchall()
        )
        return [
            ApiKey(key, name, ending, created, used, _scopes(scopes), expires)
            for key, name, ending, created, used, scopes, expires in rows
        ]

    async def create(
        self,
        account: str,
        name: str,
        scopes: Sequence[Scope] = (Scope.PROGRAMS,),
        expires: int | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key, and its text, which is told only now. RequestError if there are too many."""
        text = PREFIX + secrets.token_urlsafe(32)
        given = [scope for scope in Scope if scope in scopes]
        key = ApiKey(secrets.token_hex(8), name, text[-_ENDING:], _now(), None, given, expires)

        def work(connection: sqlite3.Connection) -> None:
            if connection.execute(_COUNT, (account,)).fetchone()[0] >= MOST_KEYS:
                raise RequestError(
                    f"There are {MOST_KEYS} keys. Revoke one that is no longer used.",
                    code="too-many-keys",
                    status=422,
                )
            row = (key.id, account, name, digest_of(text), key.ending, key.created)
            connection.execute(_ADD, (*row, " ".join(given), expires))

        await self._database.write(work, sync=True)
        return key, text

    async def find(self, text: str) -> KnownKey | None:
        """The key of a text, unless it was revoked or its account is disabled."""
        digest = digest_of(text)
        row = await self._database.read(lambda one: one.execute(_FIND, (digest,)).fetchone())
        if row is None:
            return None
        key_id, account, scopes, expires, role = row
        return KnownKey(key_id, account, frozenset(_scopes(scopes)), expires, Role(role))

    async def still(self, key_id: str) -> bool:
        """Whether the one of an id was not revoked."""
        return await self._database.read(
            lambda one: bool(one.execute(_STILL, (key_id,)).fetchone()[0])
        )

    async def note_use(self, key_id: str) -> None:
        """It was used just now."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_USED, (_now(), key_id))

        await self._database.write(work)

    async def revoke(self, account: str, key_id: str) -> bool:
        """Make a key useless at once. False if the account has none with this id."""

        def work(connection: sqlite3.Connection) -> bool:
            return connection.execute(_DELETE, (account, key_id)).rowcount > 0

        return await self._database.write(work, sync=True)


def _scopes(text: str) -> list[Scope]:
    return [Scope(word) for word in text.split()]
