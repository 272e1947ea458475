"""Jobs and their events in the store. An event is here before any reader gets it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import msgspec

from llmchat.domain.job import EventId
from llmchat.storage.database import Database

READ_BYTES = 256 * 1024  # of events at a time, for one reader
ROWS_AT_ONCE = 200  # that are deleted in one transaction, so that nobody waits long

_COLUMNS = (
    "number, id, account, key, request, digest, endpoint, model, state, attempt, created, ended"
)
_ADD = """
insert into job(id, account, key, request, digest, endpoint, model, state, created)
values (?, ?, ?, ?, ?, ?, ?, 'queued', ?) returning number
"""
_EVENTS = "insert into job_event(job, attempt, seq, events) values (?, ?, ?, ?)"
# One statement for all rows of a commit: with one each, this thread would have to get the
# interpreter back from a busy event loop after each of them (docs/decisions.md, "Store").
_MANY_EVENTS = """
insert into job_event(job, attempt, seq, events)
select value ->> 0, value ->> 1, value ->> 2, value -> 3 from json_each(?)
"""
_END = """
update job set state = ?, endpoint = ?, model = ?, attempt = ?, ended = ? where number = ?
"""
_READ = """
select events from job_event where job = ?1 and (attempt > ?2 or (attempt = ?2 and seq > ?3))
order by attempt, seq
"""
_FORGET = """
delete from job where number in (select number from job where ended < ? order by ended limit ?)
"""

_rows = msgspec.json.Decoder(list[tuple[int, int, str, msgspec.Raw]])


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be stored. `request` is JSON, `digest` tells two requests with one key apart."""

    id: str
    account: str
    key: str | None
    request: str
    digest: str
    endpoint: str
    model: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """A stored job; `ended` is None while it has no final event. Times: ms since the epoch."""

    number: int
    id: str
    account: str
    key: str | None
    request: str
    digest: str
    endpoint: str
    model: str
    state: str
    attempt: int
    created: int
    ended: int | None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """`data` is the JSON of the event called `name`."""

    id: EventId
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Ending:
    """What the final event of a job says of it; `state` is done, error or cancelled."""

    state: str
    endpoint: str
    model: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Batch:
    """New events of one job. `events` is `[attempt,seq,"name",data]`, joined by commas."""

    number: int
    last: EventId
    events: bytes
    ending: Ending | None


class JobStore:
    """The jobs of a database. Everything raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def full(self) -> bool:
        """Whether there is no space for new jobs; what runs has a reserve. Who asks makes it look
        again, every few seconds.
        """
        self._database.check_space()
        return self._database.full

    def add(self, job: NewJob) -> asyncio.Future[int]:
        """Store a job for good, power cuts included. Gives its number."""
        values = (job.id, job.account, job.key, job.request, job.digest, job.endpoint, job.model)

        def work(connection: sqlite3.Connection) -> int:
            number: int = connection.execute(_ADD, (*values, _now())).fetchone()[0]
            return number

        return self._database.write(work, sync=True)

    def append(self, batches: Sequence[Batch]) -> asyncio.Future[None]:
        """Store new events of several jobs in one transaction; for good, if one of them ends."""
        endings = [(one.number, one.ending) for one in batches if one.ending is not None]
        work = _one(batches[0]) if len(batches) == 1 else _many(batches)
        if endings:
            work = _then_end(work, endings)
        return self._database.write(work, sync=bool(endings))

    async def events(self, number: int, after: EventId | None) -> list[StoredEvent]:
        """Some events after an id, in order; none if there are no more."""
        attempt, seq = (0, 0) if after is None else after
        texts = await self._database.read(lambda reader: _read(reader, number, attempt, seq))
        events = [
            StoredEvent(EventId(*place), name, bytes(data))
            for text in texts
            for *place, name, data in _rows.decode(text)
        ]
        return [event for event in events if after is None or event.id > after]

    async def find(self, job_id: str) -> JobRow | None:
        """The job with this id."""
        return await self._job("id = ?", job_id)

    async def find_key(self, account: str, key: str) -> JobRow | None:
        """The job that an account submitted with this Idempotency-Key."""
        return await self._job("account = ? and key = ?", account, key)

    async def unfinished(self) -> list[JobRow]:
        """The jobs without a final event, oldest first."""
        return await self._jobs("ended is null order by number")

    async def newest(self, limit: int) -> list[JobRow]:
        """The last jobs, oldest first."""
        return (await self._jobs("1 order by number desc limit ?", limit))[::-1]

    async def forget(self, seconds: float) -> int:
        """Delete jobs that ended longer ago than that, with their events. Gives how many."""
        before = _now() - int(seconds * 1000)
        count = 0
        while True:
            some = await self._database.write(
                lambda connection: connection.execute(_FORGET, (before, ROWS_AT_ONCE)).rowcount
            )
            count += some
            if some < ROWS_AT_ONCE:
                return count

    async def _job(self, condition: str, *values: object) -> JobRow | None:
        found = await self._jobs(condition, *values)
        return found[0] if found else None

    async def _jobs(self, condition: str, *values: object) -> list[JobRow]:
        sql = f"select {_COLUMNS} from job where {condition}"  # noqa: S608 - our own conditions
        rows = await self._database.read(lambda reader: reader.execute(sql, values).fetchall())
        return [JobRow(*row) for row in rows]


Work: TypeAlias = Callable[[sqlite3.Connection], None]


def _one(batch: Batch) -> Work:
    row = (batch.number, *batch.last, f"[{batch.events.decode()}]")

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(_EVENTS, row)

    return work


def _many(batches: Sequence[Batch]) -> Work:
    rows = b",".join(
        b"[%d,%d,%d,[%b]]" % (one.number, *one.last, one.events) for one in batches
    ).decode()

    def work(connection: sqlite3.Connection) -> None:
        connection.execute(_MANY_EVENTS, (f"[{rows}]",))

    return work


def _then_end(work: Work, endings: Sequence[tuple[int, Ending]]) -> Work:
    def both(connection: sqlite3.Connection) -> None:
        work(connection)
        now = _now()
        for number, end in endings:
            row = (end.state, end.endpoint, end.model, end.attempt, now, number)
            connection.execute(_END, row)

    return both


def _read(reader: sqlite3.Connection, number: int, attempt: int, seq: int) -> list[str]:
    texts: list[str] = []
    size = 0
    for (text,) in reader.execute(_READ, (number, attempt, seq)):
        texts.append(text)
        size += len(text)
        if size >= READ_BYTES:
            break
    return texts


def _now() -> int:
    return time.time_ns() // 1_000_000
