"""All jobs that this server knows: what was asked, and the log of what came of it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field, replace

from llmchat.domain.chat import ChatRequest
from llmchat.domain.errors import NoSuchJobError, RequestError
from llmchat.domain.job import (
    END,
    SHOWN_EVENTS,
    Done,
    Event,
    EventId,
    Failed,
    Job,
    JobId,
    Status,
)
from llmchat.jobs.log import JobLog


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as the API shows it; `state` is queued, running, done, error or cancelled."""

    id: JobId
    state: str
    model: str
    endpoint: str
    last_event_id: EventId | None


@dataclass(slots=True, eq=False)
class Record:
    """A job and its log. `attempt` is 0 while it has not been given to a worker."""

    job: Job
    key: str | None = None
    log: JobLog = field(default_factory=JobLog)
    attempt: int = 0
    worker: int | None = None
    submitted: float = field(default_factory=time.monotonic)
    started: float | None = None
    _queue_seq: int = 0

    @property
    def shown(self) -> bool:
        """Whether a reader may have seen text: then the job is never run again by itself."""
        return any(isinstance(entry.event, SHOWN_EVENTS) for entry in self.log.since(None))

    def wait(self, status: Status) -> None:
        """Tell the readers what the job waits for, before its first attempt."""
        if self.attempt == 0:
            self._queue_seq += 1
            self.log.append(EventId(0, self._queue_seq), status)

    def give_to(self, worker: int) -> None:
        """Note who runs the job; the first time this starts its first attempt."""
        self.worker = worker
        if self.started is None:
            self.started = time.monotonic()
            running = Status("running", model=self.job.model or None, endpoint=self.job.endpoint)
            self.begin_attempt(running)

    def begin_attempt(self, status: Status) -> None:
        """Start the next attempt; from here on a worker of an earlier one is not listened to."""
        self.attempt += 1
        self.log.append(EventId(self.attempt, 0), status)

    def finish(self, event: Done | Failed) -> bool:
        """Write the final event. False if there is one already: that one stands."""
        if isinstance(event, Done) and event.timings is not None:
            waited = (self.started or self.submitted) - self.submitted
            event = replace(event, timings=replace(event.timings, queue_seconds=waited))
        return self.log.append(END, event)

    def add(self, event_id: EventId, event: Event) -> bool:
        """Add an event of the worker. False if its attempt or the job is over."""
        return event_id.attempt == self.attempt and self.log.append(event_id, event)

    def view(self) -> JobView:
        return JobView(
            self.job.id, self._state(), self.job.model, self.job.endpoint, self.log.last_id
        )

    def _state(self) -> str:
        match self.log.final:
            case Done(finish_reason="cancelled"):
                return "cancelled"
            case Done():
                return "done"
            case None:
                return "queued" if self.worker is None else "running"
            case _:
                return "error"


class Records:
    """The jobs by id, and by the Idempotency-Key they were submitted with.

    Of those that are over, the newest `max_kept` are kept, until somebody forgets them.
    """

    def __init__(self, max_kept: int = 1000) -> None:
        self._max_kept = max_kept
        self._over: deque[Record] = deque()
        self._by_id: dict[JobId, Record] = {}
        self._by_key: dict[str, Record] = {}
        self._active: dict[JobId, Record] = {}

    def add(self, record: Record) -> None:
        self._by_id[record.job.id] = record
        self._active[record.job.id] = record
        if record.key is not None:
            self._by_key[record.key] = record

    def get(self, job_id: JobId) -> Record:
        """Raises NoSuchJobError."""
        try:
            return self._by_id[job_id]
        except KeyError:
            raise NoSuchJobError from None

    def find(self, job_id: str) -> Record | None:
        return self._by_id.get(JobId(job_id))

    def repeated(self, key: str | None, request: ChatRequest) -> Record | None:
        """The job that was submitted with this key before. RequestError if it asked otherwise."""
        record = self._by_key.get(key) if key is not None else None
        if record is not None and record.job.request != request:
            raise RequestError(
                "This Idempotency-Key was used for another request. Use a new one.",
                code="idempotency-mismatch",
                status=422,
            )
        return record

    def active(self) -> list[Record]:
        """The jobs that are not over, oldest first."""
        return list(self._active.values())

    @property
    def active_count(self) -> int:
        return len(self._active)

    def all(self) -> list[Record]:
        """All jobs that are kept, oldest first."""
        return list(self._by_id.values())

    def over(self, record: Record) -> None:
        """Note that the job has its final event."""
        if self._active.pop(record.job.id, None) is None:
            return
        self._over.append(record)
        if len(self._over) > self._max_kept:
            self.forget(self._over[0])

    def forget(self, record: Record) -> None:
        """Drop a finished job: from now on it is unknown."""
        if self._by_id.pop(record.job.id, None) is None:
            return
        self._over.remove(record)  # nearly always the first one
        if record.key is not None:
            self._by_key.pop(record.key, None)
