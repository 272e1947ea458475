"""What SQLite's errors mean to a person."""

from __future__ import annotations

import sqlite3

from llmchat.domain.errors import StorageError, StorageFullError

# SQLITE_IOERR_WRITE: what a file size limit, or a quota, comes out as.
_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_full(error: BaseException) -> bool:
    """Whether there is no space left to write."""
    return _code(error) in _FULL or "disk is full" in str(error)


def problem_of(error: sqlite3.Error) -> StorageError:
    """The error that callers get; `error` should be its cause."""
    if is_full(error):
        return StorageFullError(
            "The disk is full: nothing new can be stored. Free some space, then try again."
        )
    if (_code(error) or 0) & 0xFF in _BUSY:
        return StorageError(
            "Another program keeps the data file to itself. Try again when it is done.",
            code="storage-locked",
        )
    return StorageError(f"The data file cannot be used: {error}.")


def _code(error: BaseException) -> int | None:
    return getattr(error, "sqlite_errorcode", None)
