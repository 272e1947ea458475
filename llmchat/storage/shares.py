"""The links to copies of conversations: of each token only a hash is kept.

A token has 256 random bits, so that a plain hash is enough, and how long it takes to look one up
tells nothing. A copy is a document of its own: what becomes of the messages does not change it. It
goes with its conversation, and leads nowhere while that is in the bin.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmchat.domain.conversation import Attachment
from llmchat.domain.errors import StorageError, TooManyKeptError
from llmchat.domain.ids import now
from llmchat.domain.share import Share
from llmchat.storage import conversations as rows
from llmchat.storage.database import Database

MOST_SHARES = 500  # of one account
FORGET_SECONDS = 3600.0  # between two looks for those that have expired
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)

log = logging.getLogger(__name__)

_VALID = "(expires is null or expires > ?2)"
_ADD = """
insert into share(id, account, conversation, hash, title, created, expires, reasoning, files,
    document)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning number
"""
_ATTACH = """
insert into share_file(share, number, file, name)
select ?, ?, file, ? from file_holder where account = ? and file = ?
"""
_COUNT = "select count(*) from share where account = ?"
_LIST = f"""
select share.id, conversation.id, share.title, share.created, expires, reasoning, files
from share join conversation on conversation.number = share.conversation
where share.account = ?1 and {_VALID} and deleted is null and (?3 is null or conversation.id = ?3)
order by share.created desc, share.number desc
"""  # noqa: S608 - our own names
_DELETE = "delete from share where account = ? and id = ?"
_LIVE = f"""
from share join conversation on conversation.number = share.conversation
where hash = ?1 and {_VALID} and deleted is null
"""
_KNOWN = f"select 1 {_LIVE}"
_OPEN = f"select share.number, document {_LIVE}"
_FILES = "select number, file from share_file where share = ?"
_FILE = f"""
select file.id, name, type, size from share_file join file on file.id = share_file.file
where share_file.number = ?3 and share_file.share = (select share.number {_LIVE})
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Opened:
    """What a link leads to: the document, and the contents of its files by their numbers, of those
    that were there.
    """

    document: bytes
    files: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file of a copy: `id` is the SHA-256 of its content, in hex."""

    id: str
    name: str
    type: str
    size: int


class ShareStore:
    """The links of all accounts. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create(
        self, account: str, share: Share, document: bytes, files: Sequence[Attachment]
    ) -> str:
        """Keep a copy, with the files that it needs. Gives the token of its link, which is told
        only now. Raises TooManyKeptError, and NoSuchConversationError.
        """
        token = secrets.token_urlsafe(32)

        def work(connection: sqlite3.Connection) -> None:
            if connection.execute(_COUNT, (account,)).fetchone()[0] >= MOST_SHARES:
                raise TooManyKeptError(
                    f"There are {MOST_SHARES} links. Revoke some that are no longer needed."
                )
            place = rows.number_of(connection, account, share.conversation_id)
            row = (
                *(share.id, account, place, _hash(token), share.title, share.created),
                *(share.expires, share.reasoning, share.files, document.decode()),
            )
            number: int = connection.execute(_ADD, row).fetchone()[0]
            for at, one in enumerate(files):
                connection.execute(_ATTACH, (number, at, one.name, account, one.file))

        await self._database.write(work, sync=True)
        return token

    async def list(self, account: str, conversation_id: str | None = None) -> list[Share]:
        """The links of an account that lead somewhere, the newest first; of one conversation."""
        found = await self._database.read(
            lambda reader: reader.execute(_LIST, (account, now(), conversation_id)).fetchall()
        )
        return [Share(*row[:-2], *map(bool, row[-2:])) for row in found]

    async def revoke(self, account: str, share_id: str) -> bool:
        """Let a link lead nowhere, at once. False if the account has none with this id."""

        def work(connection: sqlite3.Connection) -> bool:
            return connection.execute(_DELETE, (account, share_id)).rowcount > 0

        return await self._database.write(work, sync=True)

    async def open(self, token: str) -> Opened | None:
        """What a link leads to; None for one that is unknown, expired or revoked."""
        if not _TOKEN.fullmatch(token):
            return None
        digest = _hash(token)

        def work(connection: sqlite3.Connection) -> Opened | None:
            row = connection.execute(_OPEN, (digest, now())).fetchone()
            if row is None:
                return None
            return Opened(row[1].encode(), dict(connection.execute(_FILES, (row[0],)).fetchall()))

        return await self._database.read(work)

    async def leads_somewhere(self, token: str) -> bool:
        """Whether a link does."""
        if not _TOKEN.fullmatch(token):
            return False
        place = (_hash(token), now())
        row = await self._database.read(lambda reader: reader.execute(_KNOWN, place).fetchone())
        return row is not None

    async def file(self, token: str, number: int) -> OpenedFile | None:
        """A file of a copy, by its number."""
        if not _TOKEN.fullmatch(token):
            return None
        place = (_hash(token), now(), number)
        row = await self._database.read(lambda reader: reader.execute(_FILE, place).fetchone())
        return None if row is None else OpenedFile(*row)

    async def forget_expired(self) -> int:
        """Delete what has expired. Gives how many."""
        sql = "delete from share where expires <= ?"
        time = now()
        return await self._database.write(lambda writer: writer.execute(sql, (time,)).rowcount)

    async def forget_hourly(self) -> None:
        """Until cancelled, delete what has expired."""
        while True:
            try:
                await self.forget_expired()
            except StorageError as error:
                log.warning("expired links cannot be deleted: %s", error.message)
            await asyncio.sleep(FORGET_SECONDS)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
