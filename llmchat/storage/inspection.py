"""A look at the store from outside, also while a server uses it. Nothing is changed."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from llmchat.storage.migrations import MIGRATIONS, check_version, refusal_of

CHECK_SECONDS = 20.0  # for all pages; of a file of many gigabytes, that is only a part
_BUSY_SECONDS = 2.0
_STEPS = 100_000  # of SQLite's machine between two looks at the clock


@dataclass(frozen=True, slots=True)
class Findings:
    """`states` are the jobs that are over, by how they ended; `damage` is what SQLite found first.

    `checked` is False when the time was over before all pages were read.
    """

    version: int
    known_version: int
    size_bytes: int
    states: Mapping[str, int]
    unfinished: int
    damage: str | None
    checked: bool


def inspect(path: Path, *, in_use: bool, seconds: float = CHECK_SECONDS) -> Findings:
    """Read a database. Raises ConfigError for one that llmchat could not start with.

    `in_use`: a server has it open.
    """
    try:
        with contextlib.closing(_open(path, in_use)) as connection:
            version = check_version(connection, path, len(MIGRATIONS))
            damage, checked = _damage(connection, seconds)
            states, unfinished = _jobs(connection) if version and not damage else ({}, 0)
    except sqlite3.Error as error:
        raise refusal_of(path, error) from error
    files = [path, path.with_name(f"{path.name}-wal")]
    size = sum(one.stat().st_size for one in files if one.exists())
    return Findings(version, len(MIGRATIONS), size, states, unfinished, damage, checked)


def _open(path: Path, in_use: bool) -> sqlite3.Connection:
    # The log is there while a program has the file, or died with it. Else SQLite would make one.
    alone = not in_use and not path.with_name(f"{path.name}-wal").exists()
    address = f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
    return sqlite3.connect(address, uri=True, timeout=_BUSY_SECONDS, isolation_level=None)


def _damage(connection: sqlite3.Connection, seconds: float) -> tuple[str | None, bool]:
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: int(time.monotonic() > end), _STEPS)
    try:
        found: str = connection.execute("pragma quick_check(1)").fetchone()[0]
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return None, False
    finally:
        connection.set_progress_handler(None, 0)
    return (None if found == "ok" else found), True


def _jobs(connection: sqlite3.Connection) -> tuple[dict[str, int], int]:
    sql = "select state, count(*) from job where ended is not null group by state"
    states: dict[str, int] = dict(connection.execute(sql).fetchall())
    open_jobs = "select count(*) from job where ended is null"
    unfinished: int = connection.execute(open_jobs).fetchone()[0]
    return states, unfinished
