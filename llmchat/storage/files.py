"""The files that go with messages: a row each, the content on disk (`storage/blobs.py`)."""

from __future__ import annotations

import asyncio
import errno
import logging
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

from llmchat.domain.document import FileText
from llmchat.domain.errors import StorageError, StorageFullError
from llmchat.storage.blobs import Blobs, Incoming, is_file_id
from llmchat.storage.database import Database
from llmchat.storage.holders import StoredFile, find_files, hold

COLLECT_SECONDS = 3600.0
UNUSED_SECONDS = 86400.0  # a file that nothing has: of a draft, or of a deleted chat

log = logging.getLogger(__name__)

_ADD = """
insert into file(id, size, type, created) values (?, ?, ?, ?)
on conflict(id) do update set created = max(created, excluded.created)
"""
_UNUSED = """
delete from file where created < ?
and not exists (select 1 from message_file where file = file.id)
and not exists (select 1 from project_file where file = file.id)
and not exists (select 1 from share_file where file = file.id)
returning id
"""


class FileStore:
    """All of them. Methods raise StorageError. A file of which an account is no holder is not there
    for it.
    """

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.blobs = Blobs(folder)

    async def add(self, account: str, incoming: Incoming, media_type: str) -> StoredFile:
        """Keep a finished file that an account has brought; the same content is kept once, and
        counts as new.
        """
        file = StoredFile(incoming.id, incoming.size, media_type)
        return await self.database.write(lambda one: keep(one, account, incoming, file), sync=True)

    async def hold(self, account: str, file: str) -> bool:
        """Let an account hold a file whose content it has shown. False if it is not here."""
        return await self.database.write(lambda one: hold(one, account, file), sync=True)

    async def get(self, account: str, file: str) -> StoredFile | None:
        """A file by its SHA-256, if the account holds it."""
        return (await self.database.read(lambda one: find_files(one, account, [file]))).get(file)

    async def read(self, file: str) -> bytes | None:
        """The content of a file, None if it is not there. Raises StorageError."""
        if not is_file_id(file):
            return None
        try:
            return await asyncio.to_thread(self.blobs.path(file).read_bytes)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise problem_of_disk(error) from error

    async def missing(self, account: str, files: Sequence[str]) -> list[str]:
        """Those of some files whose content is not there for an account."""
        held = await self.database.read(lambda one: find_files(one, account, files))

        def look() -> list[str]:
            ids = dict.fromkeys(files)
            return [one for one in ids if one not in held or not self.blobs.path(one).is_file()]

        return await asyncio.to_thread(look)

    async def text(self, file: str) -> FileText | None:
        """What was read from a file before, if it was. Raises StorageError."""
        try:
            return await asyncio.to_thread(self.blobs.read_text, file)
        except OSError as error:
            raise problem_of_disk(error) from error

    async def keep_text(self, file: str, text: FileText) -> None:
        """Keep what was read from a stored file. Raises StorageError."""
        try:
            await asyncio.to_thread(self.blobs.write_text, file, text)
        except OSError as error:
            raise problem_of_disk(error) from error

    async def collect_hourly(self) -> None:
        """Until cancelled, delete what nothing has: no message, no project and no share."""
        while True:
            await asyncio.sleep(COLLECT_SECONDS)
            try:
                if count := await self.collect():
                    log.info("files deleted that nothing has: %d", count)
            except StorageError as error:
                log.warning("unused files cannot be deleted: %s", error.message)

    async def collect(self, seconds: float = UNUSED_SECONDS) -> int:
        """Delete what nothing has, if it came longer than this ago. Returns how many."""

        # In the writer's thread, as `keep` is: a file that comes again just now is not lost.
        def work(connection: sqlite3.Connection) -> int:
            before = int((time.time() - seconds) * 1000)
            gone = [file for (file,) in connection.execute(_UNUSED, (before,)).fetchall()]
            try:
                for file in gone:
                    self.blobs.remove(file)
                for path in self.blobs.leftovers(max(seconds, UNUSED_SECONDS)):
                    path.unlink(missing_ok=True)
            except OSError as error:
                raise problem_of_disk(error) from error
            return len(gone)

        return await self.database.write(work)


def keep(
    connection: sqlite3.Connection, account: str, incoming: Incoming, file: StoredFile
) -> StoredFile:
    """Give a finished file its place and its rows: for a transaction of the writer."""
    try:
        incoming.keep()
    except OSError as error:
        raise problem_of_disk(error) from error
    connection.execute(_ADD, (file.id, file.size, file.type, int(time.time() * 1000)))
    hold(connection, account, file.id)
    return file


def problem_of_disk(error: OSError) -> StorageError:
    """What it means to a person that a file could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageFullError(
            "The disk is full: nothing new can be stored. Free some space, then try again."
        )
    return StorageError(f"The file cannot be stored: {error.strerror}.")
