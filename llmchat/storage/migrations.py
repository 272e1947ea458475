"""The schema as an ordered list of changes, each made in one transaction."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from llmchat.domain.errors import EX_CANTCREAT, EX_TEMPFAIL, ConfigError
from llmchat.storage.problems import is_full

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        create table job(
            number integer primary key,
            id text not null unique,
            account text not null default '',
            key text,                            -- the Idempotency-Key
            request text not null,               -- JSON
            digest text not null,                -- of the request, to compare repeated ones
            endpoint text not null,
            model text not null,
            state text not null,                 -- queued, done, error, cancelled
            attempt integer not null default 0,
            created integer not null,            -- ms since the epoch, as all times
            ended integer
        )
        """,
        "create unique index job_by_key on job(account, key) where key is not null",
        "create index job_active on job(number) where ended is null",
        "create index job_by_end on job(ended) where ended is not null",
        """
        create table job_event(
            job integer not null references job(number) on delete cascade,
            attempt integer not null,
            seq integer not null,                -- of the last event of this row
            events text not null,                -- JSON: [[attempt, seq, name, data] ...]
            primary key(job, attempt, seq)
        ) without rowid
        """,
        """
        create table journal(
            number integer primary key,
            events text not null                 -- JSON: [[job, [[attempt, ...] ...]] ...]
        )
        """,
    ),
)


def open_migrated(
    path: Path, busy_seconds: float, migrations: tuple[tuple[str, ...], ...] = MIGRATIONS
) -> sqlite3.Connection:
    """A connection to a file with the present schema, for one writer in any one thread.

    Raises ConfigError: for a file of a newer llmchat, or that is damaged or no database, which is
    left as it is; for one that cannot be written; for one that another program keeps locked.
    """
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        _migrate(connection, path, migrations)
    except (sqlite3.Error, ConfigError) as error:
        if connection is not None:
            connection.close()
        raise error if isinstance(error, ConfigError) else refusal_of(path, error) from error
    return connection


def _migrate(
    connection: sqlite3.Connection, path: Path, migrations: tuple[tuple[str, ...], ...]
) -> None:
    version = check_version(connection, path, len(migrations))
    if 0 < version < len(migrations):
        _back_up(connection, path, version)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    for number in range(version, len(migrations)):
        _apply(connection, migrations[number], number + 1)
    connection.execute("pragma foreign_keys = on")
    connection.execute("pragma journal_size_limit = 16777216")


def check_version(connection: sqlite3.Connection, path: Path, known: int) -> int:
    """The version of the schema, 0 for an empty file. Raises ConfigError for one that is newer
    than `known`, or a file of another program.
    """
    version: int = connection.execute("pragma user_version").fetchone()[0]
    if version > known:
        raise ConfigError(
            f"{path} was written by a newer llmchat (schema {version}, this one knows"
            f" {known}). Nothing was changed. Start the newer version, or use another"
            " --data-dir."
        )
    foreign = connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if version == 0 and foreign:
        raise ConfigError(
            f"{path} is a database of another program. It was left as it is: use another"
            " --data-dir."
        )
    return version


def _back_up(connection: sqlite3.Connection, path: Path, version: int) -> None:
    backup = path.with_name(f"{path.name}.backup-{version}")
    # One of an interrupted start may be half a file.
    backup.unlink(missing_ok=True)
    connection.execute("vacuum into ?", (str(backup),))


def _apply(connection: sqlite3.Connection, statements: tuple[str, ...], version: int) -> None:
    connection.execute("begin immediate")
    try:
        for statement in statements:
            connection.execute(statement)
        connection.execute(f"pragma user_version = {version:d}")
        connection.execute("commit")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("rollback")
        raise


def refusal_of(path: Path, error: sqlite3.Error) -> ConfigError:
    """What it means for a start that a file cannot be opened."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return ConfigError(
            f"{path} is damaged or no database of llmchat. It was left as it is: move it away to"
            " start with an empty one, or put a backup in its place."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return ConfigError(
            f"{path} is locked by another program. Try again when it is done.",
            exit_code=EX_TEMPFAIL,
        )
    if is_full(error):
        return ConfigError(
            f"The disk of {path} is full. Free some space, or use another --data-dir.",
            exit_code=EX_CANTCREAT,
        )
    return ConfigError(
        f"{path} cannot be opened: {error}. Use another --data-dir.", exit_code=EX_CANTCREAT
    )
