"""The jobs in memory: those that run or wait, and those that ended a moment ago."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from llmchat.domain.access import Role
from llmchat.domain.chat import ChatRequest
from llmchat.domain.errors import RequestError
from llmchat.domain.job import (
    END,
    EVENT_NAMES,
    SHOWN_NAMES,
    Done,
    Event,
    EventId,
    Failed,
    Job,
    JobId,
    Status,
    ToolRun,
)
from llmchat.jobs.log import Entry, JobLog
from llmchat.jobs.metrics import Meter
from llmchat.jobs.quotas import Quotas
from llmchat.storage.turns import Turn


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as the API shows it; `state` is queued, running, done, error or cancelled."""

    id: JobId
    state: str
    model: str
    endpoint: str
    last_event_id: EventId | None


@dataclass(frozen=True, slots=True)
class Submission:
    """The job of a request; `replayed` if an earlier request with the same key had made it."""

    job: Job
    replayed: bool


def _publish(record: Record) -> None:
    """What a record without a store does with new events."""
    record.log.publish(len(record.log.unpublished))


@dataclass(slots=True, eq=False)
class Record:
    """A job that is not over, or was not a moment ago, and its log.

    `account` is whose it is: no other one learns of it. `role` is what that account had when this
    server took the job, or took it up again. `turn` is what the job changes in a
    conversation, until that is stored, and `digest` is its. A `temporary` one is in no file.
    `asked` are the calls of tools that wait for a person, by id.

    `attempt` counts up with everything that makes an earlier attempt's events late: each start at
    a worker, each loss of one, each change of the endpoint. `deliveries` counts the starts, `tries`
    those at the present endpoint: that another one failed is no sign that the job kills its worker.
    `on_append` is told of every event, to store and then publish it.
    """

    job: Job
    key: str | None = None
    log: JobLog = field(default_factory=JobLog)
    on_append: Callable[[Record], None] = _publish
    request_id: str = ""
    number: int = 0
    created: float = field(default_factory=time.time)  # seconds since the epoch
    attempt: int = 0
    deliveries: int = 0
    tries: int = 0
    worker: int | None = None
    submitted: float = field(default_factory=time.monotonic)
    started: float | None = None
    watched: float = field(default_factory=time.monotonic)  # when somebody last read it
    meter: Meter = field(default_factory=Meter)
    accepted: asyncio.Task[None] | None = None
    turn: Turn | None = None
    digest: str = ""
    temporary: bool = False
    account: str = ""
    role: Role = Role.GUEST
    asked: dict[str, ToolRun] = field(default_factory=dict)

    @property
    def shown(self) -> bool:
        """Whether a reader may have seen text: then the job is never run again by itself."""
        return self.log.shown

    def wait(self, status: Status) -> None:
        """Tell the readers what the job waits for."""
        last = self.log.last_id
        same = last is not None and last.attempt == self.attempt
        # 0-0 is the place before the first event.
        seq = last.seq + 1 if last is not None and same else int(self.attempt == 0)
        self._append(EventId(self.attempt, seq), status)

    def give_to(self, worker: int) -> None:
        """Note who runs the job from now on: an attempt begins."""
        self.worker = worker
        self.deliveries += 1
        self.tries += 1
        if self.started is None:
            self.started = time.monotonic()
        self.meter.start(self.job.endpoint, self.submitted)
        model, endpoint = self.job.model or None, self.job.endpoint
        self.leave(Status("running", model=model, endpoint=endpoint))

    def leave(self, status: Status) -> None:
        """End the present attempt; from here on its worker is not listened to."""
        self.attempt += 1
        self._append(EventId(self.attempt, 0), status)

    def fail_over(self, failure: Failed) -> bool:
        """Turn to the next endpoint. False if there is none, text was shown, or the job is over."""
        if self.shown or not self.job.fallbacks or self.log.final is not None:
            return False
        target, *rest = self.job.fallbacks
        self.job = replace(self.job, target=target, fallbacks=tuple(rest))
        self.tries = 0
        self.leave(
            Status("failover", endpoint=target.endpoint, reason=failure.message, code=failure.code)
        )
        return True

    def finish(self, event: Done | Failed) -> bool:
        """Write the final event. False if there is one already: that one stands."""
        if isinstance(event, Done) and event.timings is not None:
            event = replace(event, timings=replace(event.timings, queue_seconds=self.waited))
        return self._append(END, event)

    def add(self, entry: Entry) -> bool:
        """Add an event of the worker. False if its attempt or the job is over."""
        if entry.attempt != self.attempt:
            return False
        return self._add(entry) and self.meter.note(entry.name, entry.data)

    @property
    def waited(self) -> float:
        """Seconds before the first attempt."""
        return (self.started or self.submitted) - self.submitted

    @property
    def state(self) -> str:
        """As in JobView."""
        if self.log.final is not None:
            return end_state(self.log.final)
        return "queued" if self.worker is None else "running"

    def view(self) -> JobView:
        """The job as readers know it by now."""
        job = self.job
        return JobView(job.id, self.state, job.model, job.endpoint, self.log.published_id)

    def restore(self, entries: Sequence[Entry]) -> None:
        """Take over what the store has of an unfinished job."""
        self.log.shown = any(entry.name in SHOWN_NAMES for entry in entries)
        for entry in entries:
            if (state := _beginning(entry)) == "running":
                self.deliveries += 1
                self.tries += 1
            elif state == "failover":
                self.tries = 0
        self.attempt = max((entry.id.attempt for entry in entries), default=0)

    def _append(self, event_id: EventId, event: Event) -> bool:
        return self._add(Entry.of(event_id, event))

    def _add(self, entry: Entry) -> bool:
        added = self.log.add(entry)
        if added:
            self.on_append(self)
        return added


def _beginning(entry: Entry) -> str | None:
    """The state that an attempt begins with, for the entry that says so."""
    if entry.seq or entry.name != EVENT_NAMES[Status]:
        return None
    event = entry.event
    return event.state if isinstance(event, Status) else None


def end_state(final: Done | Failed) -> str:
    """The state of a job with this final event."""
    if isinstance(final, Failed):
        return "error"
    return "cancelled" if final.finish_reason == "cancelled" else "done"


class Records:
    """The jobs in memory by id, and by the account and Idempotency-Key of their submission. Those
    that are not over count for `quotas`.
    """

    def __init__(self, quotas: Quotas | None = None) -> None:
        self._quotas = quotas or Quotas()
        self._by_id: dict[JobId, Record] = {}
        self._by_key: dict[tuple[str, str], Record] = {}
        self._active: dict[JobId, Record] = {}

    def add(self, record: Record) -> None:
        self._by_id[record.job.id] = record
        self._active[record.job.id] = record
        self._quotas.accept(record.account)
        if record.key is not None:
            self._by_key[record.account, record.key] = record

    def find(self, job_id: str) -> Record | None:
        """A job, whoever's it is: for the server itself."""
        return self._by_id.get(JobId(job_id))

    def repeated(
        self, account: str, key: str | None, request: ChatRequest, digest: str = ""
    ) -> Record | None:
        """The job that an account has submitted with this key before. RequestError if it asked
        otherwise: if it is of another turn, or of none and of another request.
        """
        record = self._by_key.get((account, key)) if key is not None else None
        if record is None:
            return None
        if record.digest != digest or (not digest and record.job.request != request):
            raise mismatch()
        return record

    def active(self) -> list[Record]:
        """The jobs that are not over, oldest first."""
        return list(self._active.values())

    def active_of(self, account: str) -> list[Record]:
        """Those of an account."""
        return [record for record in self._active.values() if record.account == account]

    @property
    def active_count(self) -> int:
        return len(self._active)

    def over(self, record: Record) -> bool:
        """Note that the job has its final event. False if that was known."""
        known = self._active.pop(record.job.id, None) is not None
        if known:
            self._quotas.end(record.account, record.log.final)
        return known

    def forget(self, record: Record) -> None:
        """Drop a job from memory; the store has it."""
        self.over(record)
        if self._by_id.get(record.job.id) is record:
            del self._by_id[record.job.id]
        if record.key is None:
            return
        place = (record.account, record.key)
        if self._by_key.get(place) is record:
            del self._by_key[place]


def mismatch() -> RequestError:
    """The error of an Idempotency-Key that comes with another request."""
    return RequestError(
        "This Idempotency-Key was used for another request. Use a new one.",
        code="idempotency-mismatch",
        status=422,
    )
