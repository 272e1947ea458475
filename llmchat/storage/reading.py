"""A connection that only reads, also while a server or nobody has the store."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from llmchat.domain.errors import EX_NOINPUT, ConfigError
from llmchat.storage.migrations import MIGRATIONS, check_version, refusal_of

_BUSY_SECONDS = 5.0


def open_reading(path: Path, *, older: bool = False) -> sqlite3.Connection:
    """For one thread at a time. Raises ConfigError if there is no store, or one that this llmchat
    cannot read; one of an `older` schema is fine for who does not look into it.
    """
    if not path.exists():
        raise ConfigError(
            f"There is no store in {path.parent}. Name its folder with --data-dir.",
            exit_code=EX_NOINPUT,
        )
    try:
        connection = sqlite3.connect(
            _address(path),
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise refusal_of(path, error) from error
    try:
        _check(connection, path, older=older)
    except (sqlite3.Error, ConfigError) as error:
        connection.close()
        raise error if isinstance(error, ConfigError) else refusal_of(path, error) from error
    return connection


def _address(path: Path) -> str:
    # Where SQLite cannot make its files beside the store, nobody else writes either.
    still = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if still else ''}"


def _check(connection: sqlite3.Connection, path: Path, *, older: bool) -> None:
    version = check_version(connection, path, len(MIGRATIONS))
    if version < len(MIGRATIONS) and not older:
        raise ConfigError(
            f"{path} was written by an older llmchat. Start this one once: it brings the store up"
            " to date."
        )
