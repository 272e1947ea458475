"""Jobs as the store has them: found again after they left memory, and after a restart."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence

import msgspec

from llmchat.domain.access import Role
from llmchat.domain.chat import ChatRequest
from llmchat.domain.errors import StorageError
from llmchat.domain.job import END, FINAL_EVENTS, EventId, Job, JobId, Target
from llmchat.jobs.log import Entry, JobLog, Past
from llmchat.jobs.records import JobView, Record, mismatch
from llmchat.storage.jobs import JobRow, JobStore, NewJob

FORGET_SECONDS = 3600.0  # between two looks for jobs that are too old

log = logging.getLogger(__name__)
_encoder = msgspec.json.Encoder(order="sorted")


class Archive:
    """Reads and adds jobs. Everything raises StorageError."""

    def __init__(self, store: JobStore) -> None:
        self._store = store

    async def add(self, record: Record) -> None:
        """Store a new job for good with its turn, and let its log read from the store."""
        job = record.job
        request = _encoder.encode(job.request)
        row = NewJob(
            *(job.id, record.account, record.key, request.decode()),
            *(record.digest or _digest(request), job.endpoint, job.model),
        )
        record.number = await self._store.add(row, record.turn)
        record.turn = None
        record.log.past = self._past(record.number)

    async def log(self, account: str, job_id: JobId) -> JobLog | None:
        """The log of a job that is over, if the account has such a job."""
        row = await self._store.find(account, job_id)
        return None if row is None else await self._log(row)

    async def view(self, account: str, job_id: JobId) -> JobView | None:
        """A job that is over, if the account has such a job."""
        row = await self._store.find(account, job_id)
        return None if row is None else _view(row)

    async def newest(self, account: str, limit: int) -> list[JobView]:
        """The last jobs of an account, oldest first."""
        return [_view(row) for row in await self._store.newest(account, limit)]

    async def repeated(
        self, account: str, key: str, request: ChatRequest, digest: str = ""
    ) -> Job | None:
        """The job that an account has submitted with this key. RequestError if it asked
        otherwise.
        """
        row = await self._store.find_key(account, key)
        if row is None:
            return None
        if row.digest != (digest or _digest(_encoder.encode(request))):
            raise mismatch()
        return _job(row, msgspec.json.decode(row.request, type=ChatRequest))

    async def unfinished(self) -> list[Record]:
        """The jobs that the last run of the server left without a final event, oldest first."""
        await self._store.recover()
        records = []
        for row in await self._store.unfinished():
            request = msgspec.json.decode(row.request, type=ChatRequest)
            entries = await self._read_all(row.number)
            last = entries[-1].id if entries else None
            log = JobLog(self._past(row.number), last=last)
            record = Record(
                _job(row, request),
                row.key,
                log=log,
                number=row.number,
                created=row.created / 1000,
                digest=row.digest if request.turn is not None else "",
                account=row.account,
                role=Role(row.role or Role.GUEST),
            )
            record.restore(entries)
            records.append(record)
        return records

    async def forget_hourly(self, seconds: float) -> None:
        """Until cancelled, delete what ended longer ago than that. Raises nothing."""
        while True:
            await asyncio.sleep(FORGET_SECONDS)
            try:
                await self._store.forget(seconds)
            except StorageError as error:
                log.warning("old jobs cannot be deleted: %s", error.message)

    def _past(self, number: int) -> Past:
        async def read(after: EventId | None) -> Sequence[Entry]:
            events = await self._store.events(number, after)
            return [Entry(*one.id, one.name, one.data) for one in events]

        return read

    async def _read_all(self, number: int) -> list[Entry]:
        read, entries = self._past(number), list[Entry]()
        while more := await read(entries[-1].id if entries else None):
            entries += more
        return entries

    async def _log(self, row: JobRow) -> JobLog:
        past = self._past(row.number)
        ends = await past(EventId(END.attempt - 1, 0))
        final = ends[-1].event if ends else None
        if not isinstance(final, FINAL_EVENTS):
            raise StorageError("The store has lost the end of this answer.")
        return JobLog(past, last=END, final=final)


def _job(row: JobRow, request: ChatRequest) -> Job:
    return Job(JobId(row.id), request, Target(row.endpoint, row.model))


def _view(row: JobRow) -> JobView:
    return JobView(JobId(row.id), row.state, row.model, row.endpoint, END if row.ended else None)


def _digest(request: bytes) -> str:
    return hashlib.sha256(request).hexdigest()
