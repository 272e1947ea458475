"""The new events of running jobs: one row per commit, whatever number of jobs it has events of.

A row of its own for each job would dirty a page of the file for each job and commit: 18 µs an
event against 1 (docs/decisions.md, "Store"). A job's events are folded into rows of its own when
it ends and at checkpoints; what is folded is forgotten here at the next checkpoint.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import NamedTuple

import msgspec

_ADD = "insert into journal(events) values (?)"
_ALL = "select events from journal order by number"
_FORGET = "delete from journal"
_FOLD = "insert into job_event(job, attempt, seq, events) values (?, ?, ?, ?)"
_RUNNING = "select 1 from job where number = ? and ended is null"
_LAST = """
select attempt, seq from job_event where job = ? order by attempt desc, seq desc limit 1
"""


class StoredRow(NamedTuple):
    """An event in a row: its id, its name, and its JSON as it was put in."""

    attempt: int
    seq: int
    name: str
    data: msgspec.Raw


read_row = msgspec.json.Decoder(list[StoredRow]).decode
_read_journal = msgspec.json.Decoder(list[tuple[int, list[StoredRow]]]).decode
_write_row = msgspec.json.Encoder().encode


class Fold(NamedTuple):
    """All events of a job that are only in the journal yet, and what is new, as one row.

    `events` is `[attempt,seq,"name",data]`, joined by commas; `attempt` and `seq` are the last's.
    """

    number: int
    attempt: int
    seq: int
    events: bytes


def add(connection: sqlite3.Connection, events: bytes) -> None:
    """Add a row: `[number,[events]]` of several jobs, joined by commas."""
    connection.execute(_ADD, (f"[{events.decode()}]",))


def fold(connection: sqlite3.Connection, folds: list[Fold]) -> None:
    """Give jobs a row of their own each."""
    rows = [(*one[:3], f"[{one.events.decode()}]") for one in folds]
    connection.executemany(_FOLD, rows)


def forget(connection: sqlite3.Connection) -> None:
    """Drop all rows: every job in them has been folded."""
    connection.execute(_FORGET)


def new_events(connection: sqlite3.Connection, number: int) -> list[StoredRow]:
    """The events of a running job that are in the journal only."""
    last = connection.execute(_LAST, (number,)).fetchone() or (0, 0)
    return [
        event
        for (text,) in connection.execute(_ALL)
        for job, events in _read_journal(text)
        if job == number
        for event in events
        if event[:2] > last
    ]


def fold_all(connection: sqlite3.Connection) -> None:
    """Fold what a process left that was killed. Jobs that ended were folded at their end."""
    jobs: dict[int, list[StoredRow]] = defaultdict(list)
    for (text,) in connection.execute(_ALL):
        for number, events in _read_journal(text):
            jobs[number] += events
    for number, events in jobs.items():
        if connection.execute(_RUNNING, (number,)).fetchone():
            last = connection.execute(_LAST, (number,)).fetchone() or (0, 0)
            if new := [event for event in events if event[:2] > last]:
                row = (number, *new[-1][:2], _write_row(new).decode())
                connection.execute(_FOLD, row)
    forget(connection)
