"""Jobs and their events in the store. An event is here before any reader gets it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from llmchat.domain.ids import now as _now
from llmchat.domain.job import EventId
from llmchat.storage.answers import settle
from llmchat.storage.approvals import ApprovalStore
from llmchat.storage.conversations import Changed
from llmchat.storage.database import Database
from llmchat.storage.journal import Fold, add, fold, fold_all, forget, read_row
from llmchat.storage.statistics import count
from llmchat.storage.turns import Turn

T = TypeVar("T")

READ_BYTES = 256 * 1024  # of events at a time, for one reader
ROWS_AT_ONCE = 200  # that are deleted in one transaction, so that nobody waits long

_COLUMNS = (
    "number, id, account, key, request, digest, endpoint, model, state, attempt, created, ended"
)
_ADD = """
insert into job(id, account, key, request, digest, endpoint, model, state, created)
values (?, ?, ?, ?, ?, ?, ?, 'queued', ?) returning number
"""
_FIND = f"select {_COLUMNS} from job where account = ? and id = ?"  # noqa: S608 - our own names
_FIND_KEY = f"select {_COLUMNS} from job where account = ? and key = ?"  # noqa: S608
_UNFINISHED = f"""
select {_COLUMNS}, (select role from account where account.id = job.account)
from job where ended is null order by number
"""  # noqa: S608
_NEWEST = f"select {_COLUMNS} from job where account = ? order by number desc limit ?"  # noqa: S608
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
    """A stored job; `ended` is None while it has no final event. Times: ms since the epoch.
    `role` is what its account has now, for those that are to go on.
    """

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
    role: str | None = None


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """`data` is the JSON of the event called `name`."""

    id: EventId
    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Ending:
    """What the final event of a job says of it; `state` is done, error or cancelled. The seconds
    are those that it thought; None if it did not, or nobody knows.
    """

    number: int
    state: str
    endpoint: str
    model: str
    attempt: int
    thinking_seconds: float | None = None


class JobStore:
    """The jobs of a database. Everything raises StorageError. `on_changed` hears what jobs have
    made of conversations, when it is stored.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.on_changed: Callable[[Sequence[Changed]], None] = _ignore

    @property
    def approvals(self) -> ApprovalStore:
        """The tools that may run without a question, in the same database."""
        return ApprovalStore(self._database)

    @property
    def full(self) -> bool:
        """Whether there is no space for new jobs; what runs has a reserve. Who asks makes it look
        again, every few seconds.
        """
        self._database.check_space()
        return self._database.full

    def add(self, job: NewJob, turn: Turn | None = None) -> asyncio.Future[int]:
        """Store a job for good, power cuts included, and with it what it changes in a conversation.
        Gives its number. Raises what `Turn.store` does.
        """
        changes: list[Changed] = []
        values = (job.id, job.account, job.key, job.request, job.digest, job.endpoint, job.model)

        def work(connection: sqlite3.Connection) -> int:
            number: int = connection.execute(_ADD, (*values, _now())).fetchone()[0]
            if turn is not None:
                changes[:] = [turn.store(connection, job.id, job.model, job.endpoint)]
            return number

        return self._telling(changes, self._database.write(work, sync=True))

    def append(
        self,
        journal: bytes,
        folds: list[Fold],
        endings: Sequence[Ending] = (),
        *,
        checkpoint: bool = False,
    ) -> asyncio.Future[None]:
        """Store new events in one transaction; for good, if a job ends with them: then its
        answer is in its message, too.

        `journal` is `[number,[events]]` of jobs, joined by commas; the other jobs are folded.
        `checkpoint`: the `folds` are of all jobs that have something in the journal.
        """
        changes: list[Changed] = []

        def work(connection: sqlite3.Connection) -> None:
            changes.clear()
            if checkpoint:
                forget(connection)
            if journal:
                add(connection, journal)
            if folds:
                fold(connection, folds)
            for end in endings:
                time = _now()
                row = (end.state, end.endpoint, end.model, end.attempt, time, end.number)
                connection.execute(_END, row)
                count(
                    connection,
                    end.number,
                    state=end.state,
                    model=end.model,
                    endpoint=end.endpoint,
                    ended=time,
                )
                said = (end.state, end.endpoint, end.thinking_seconds)
                if (changed := settle(connection, end.number, *said)) is not None:
                    changes.append(changed)

        write = self._database.write(work, sync=bool(endings))
        return self._telling(changes, write) if endings else write

    def recover(self) -> asyncio.Future[None]:
        """Bring the events of unfinished jobs together that a killed process has left."""
        return self._database.write(fold_all)

    async def events(self, number: int, after: EventId | None) -> list[StoredEvent]:
        """Some of the folded events after an id, in order; none if there are no more."""
        attempt, seq = (0, 0) if after is None else after
        texts = await self._database.read(lambda reader: _read(reader, number, attempt, seq))
        events = [
            StoredEvent(EventId(row.attempt, row.seq), row.name, bytes(row.data))
            for text in texts
            for row in read_row(text)
        ]
        return [event for event in events if after is None or event.id > after]

    async def find(self, account: str, job_id: str) -> JobRow | None:
        """The job of an account with this id."""
        return await self._job(_FIND, account, job_id)

    async def find_key(self, account: str, key: str) -> JobRow | None:
        """The job that an account submitted with this Idempotency-Key."""
        return await self._job(_FIND_KEY, account, key)

    async def unfinished(self) -> list[JobRow]:
        """The jobs of all accounts without a final event, oldest first."""
        return await self._jobs(_UNFINISHED)

    async def newest(self, account: str, limit: int) -> list[JobRow]:
        """The last jobs of an account, oldest first."""
        return (await self._jobs(_NEWEST, account, limit))[::-1]

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

    def _telling(self, changes: Sequence[Changed], write: asyncio.Future[T]) -> asyncio.Future[T]:
        """Before whoever waits for the write goes on: `changes` are told when it is done."""

        def tell(done: asyncio.Future[T]) -> None:
            if changes and not done.cancelled() and done.exception() is None:
                self.on_changed(changes)

        write.add_done_callback(tell)
        return write

    async def _job(self, sql: str, *values: object) -> JobRow | None:
        found = await self._jobs(sql, *values)
        return found[0] if found else None

    async def _jobs(self, sql: str, *values: object) -> list[JobRow]:
        rows = await self._database.read(lambda reader: reader.execute(sql, values).fetchall())
        return [JobRow(*row) for row in rows]


def _ignore(_changes: Sequence[Changed]) -> None:
    """There may be nobody to tell."""


def _read(reader: sqlite3.Connection, number: int, attempt: int, seq: int) -> list[str]:
    texts: list[str] = []
    size = 0
    for (text,) in reader.execute(_READ, (number, attempt, seq)):
        texts.append(text)
        size += len(text)
        if size >= READ_BYTES:
            break
    return texts
