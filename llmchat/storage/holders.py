"""Who holds a file: whoever has brought its content, by an upload or in an import.

A file is kept once and named by what is in it, so that its name alone must open nothing: somebody
who knows, or guesses, what another one has could ask for it. Works on a connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from llmchat.domain.ids import now

_THERE = "select 1 from file where id = ?"
_HOLD = """
insert into file_holder(account, file, created) values (?, ?, ?) on conflict do nothing
"""
_USE = "update file set created = max(created, ?) where id = ?"
_GET = """
select id, size, type from file_holder join file on file.id = file_holder.file
where file_holder.account = ? and file_holder.file = ?
"""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """`id` is the SHA-256 of its content, in hex."""

    id: str
    size: int
    type: str


def hold(connection: sqlite3.Connection, account: str, file: str) -> bool:
    """Let an account hold a file, which counts as new then. False if there is no such file."""
    if connection.execute(_THERE, (file,)).fetchone() is None:
        return False
    time = now()
    if connection.execute(_HOLD, (account, file, time)).rowcount:
        connection.execute(_USE, (time, file))
    return True


def find_files(
    connection: sqlite3.Connection, account: str, files: Iterable[str]
) -> Mapping[str, StoredFile]:
    """Of some files those that an account holds, by their SHA-256."""
    rows = [connection.execute(_GET, (account, file)).fetchone() for file in dict.fromkeys(files)]
    return {row[0]: StoredFile(*row) for row in rows if row is not None}
