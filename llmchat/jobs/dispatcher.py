"""The waiting room: jobs in the order they came, given to the least busy worker in their turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from llmchat.domain.job import JobId, Status
from llmchat.domain.messages import Cancel, Command, Run
from llmchat.jobs.records import Record

SHOWN_POSITIONS = 20  # jobs further back learn their place when they come nearer


class Workers(Protocol):
    """The part of WorkerPool that this needs."""

    @property
    def up(self) -> frozenset[int]: ...

    def put(self, slot: int, command: Command) -> None: ...


class Dispatcher:
    """`slots_of` is how many jobs of an endpoint may run at once (None: any number); it is 0 while
    the endpoint cannot take any. `is_loading` says that this is because its model is loaded.
    """

    def __init__(
        self,
        workers: Workers,
        slots_of: Callable[[str], int | None],
        is_loading: Callable[[str], bool],
    ) -> None:
        self._workers = workers
        self._slots_of = slots_of
        self._is_loading = is_loading
        self._waiting: dict[JobId, Record] = {}
        self._running: dict[JobId, Record] = {}
        self._told: dict[JobId, Status] = {}

    def enqueue(self, record: Record) -> None:
        """Put a job in line and start what can be started."""
        self._waiting[record.job.id] = record
        self.dispatch()

    def remove(self, record: Record) -> None:
        """Take a job out that is over, wherever it is; its worker is told to stop."""
        self._waiting.pop(record.job.id, None)
        self._told.pop(record.job.id, None)
        if self._running.pop(record.job.id, None) is not None and record.worker is not None:
            self._workers.put(record.worker, Cancel(record.job.id))
        self.dispatch()

    def lost_with(self, worker: int) -> list[Record]:
        """Take out the jobs that a dead worker had, and return them."""
        lost = [record for record in self._running.values() if record.worker == worker]
        for record in lost:
            del self._running[record.job.id]
            record.worker = None
        return lost

    def requeue(self, records: list[Record]) -> None:
        """Put jobs in line again, before those that have not had a turn."""
        self._waiting = {record.job.id: record for record in records} | self._waiting
        self.dispatch()

    def waiting_for(self, endpoint: str) -> list[Record]:
        return [one for one in self._waiting.values() if one.job.endpoint == endpoint]

    def running_on(self, endpoint: str) -> int:
        return sum(one.job.endpoint == endpoint for one in self._running.values())

    def dispatch(self) -> None:
        """Give every job that may run to a worker, and tell the others where they stand."""
        load = Counter(record.worker for record in self._running.values())
        busy = Counter(record.job.endpoint for record in self._running.values())
        places: Counter[str] = Counter()
        for record in list(self._waiting.values()):
            endpoint = record.job.endpoint
            slots = self._slots_of(endpoint)
            if self._workers.up and (slots is None or busy[endpoint] < slots):
                worker = min(sorted(self._workers.up), key=lambda slot: load[slot])
                self._start(record, worker)
                load[worker] += 1
                busy[endpoint] += 1
            elif places[endpoint] < SHOWN_POSITIONS:
                places[endpoint] += 1
                self._tell(record, places[endpoint])

    def _start(self, record: Record, worker: int) -> None:
        job = record.job
        del self._waiting[job.id]
        self._told.pop(job.id, None)
        self._running[job.id] = record
        record.give_to(worker)
        self._workers.put(worker, Run(job, record.attempt))

    def _tell(self, record: Record, position: int) -> None:
        job = record.job
        if self._is_loading(job.endpoint):
            status = Status("loading", model=job.model, endpoint=job.endpoint)
        else:
            status = Status("queued", position=position)
        if self._told.get(job.id) != status:
            self._told[job.id] = status
            record.wait(status)
