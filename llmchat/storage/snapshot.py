"""A copy of the store as it is at one moment, while a server writes."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from llmchat.domain.errors import EX_CANTCREAT, ConfigError
from llmchat.storage.conversations import erode
from llmchat.storage.imports import STAGE, STAGED
from llmchat.storage.migrations import MIGRATIONS, check_version, refusal_of
from llmchat.storage.problems import is_full
from llmchat.storage.reading import open_reading

_PAGES = 1024  # of 4 KB, between two words about how far it is
_FILES = "select id from file order by id"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A checked copy: its file and the version of its schema."""

    path: Path
    version: int

    def files(self) -> Iterator[str]:
        """The files that its messages go with, by their SHA-256."""
        with contextlib.closing(sqlite3.connect(self.path)) as connection:
            if connection.execute("select 1 from sqlite_master where name = 'file'").fetchone():
                for (file,) in connection.execute(_FILES):
                    yield file


def take(store: Path, copy: Path, progress: Callable[[int, int], None]) -> Snapshot:
    """Copy the store to a new file, complete in itself, and check it. `progress` gets the pages
    that are done and all of them. Raises ConfigError.
    """

    def tell(_status: int, remaining: int, total: int) -> None:
        progress(total - remaining, total)

    try:
        with (
            contextlib.closing(open_reading(store, older=True)) as source,
            contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as target,
        ):
            # Within one transaction, what others write meanwhile does not begin the copy anew.
            source.execute("begin")
            source.execute("select count(*) from sqlite_master").fetchone()
            source.backup(target, pages=_PAGES, progress=tell)
            target.execute("pragma journal_mode = delete")
    except sqlite3.Error as error:
        if is_full(error):  # the store is only read
            raise ConfigError(
                "The store does not fit on the disk of the backup. Free some space, or write it"
                " elsewhere.",
                exit_code=EX_CANTCREAT,
            ) from error
        raise refusal_of(store, error) from error
    taken = check(copy, f"{store} is damaged")
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        _leave_out(connection)
    return taken


def _leave_out(copy: sqlite3.Connection) -> None:
    """What an import has not brought to its end is no part of the store."""
    if copy.execute("select 1 from sqlite_master where name = 'conversation'").fetchone():
        for (number,) in copy.execute(STAGED, (STAGE,)).fetchall():
            while erode(copy, number):
                pass
        copy.commit()


def check(path: Path, damaged: str) -> Snapshot:
    """See that a file is a whole database that this llmchat can use.

    Raises ConfigError; `damaged` says what it means that it is not whole.
    """
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
            version = check_version(connection, path, len(MIGRATIONS))
            found = connection.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        raise ConfigError(f"{damaged}: {error}.") from error
    if found != "ok":
        raise ConfigError(f"{damaged}: {found.splitlines()[-1].rstrip('.')}.")
    return Snapshot(path, version)
