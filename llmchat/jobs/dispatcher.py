"""The waiting room: jobs in the order they came, given to the least busy worker in their turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import islice
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

    Each endpoint has a line of its own: a full one holds up nobody else, and a change costs the
    same however long the line is.
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
        self._lines: dict[str, dict[JobId, Record]] = {}
        self._running: dict[JobId, Record] = {}
        self._load: Counter[int] = Counter()
        self._busy: Counter[str] = Counter()
        self._told: dict[JobId, Status] = {}

    def enqueue(self, record: Record) -> None:
        """Put a job in line, and start it if it can be started."""
        line = self._lines.setdefault(record.job.endpoint, {})
        line[record.job.id] = record
        self._say(record, Status("queued", position=len(line)))
        self._advance(record.job.endpoint)

    def remove(self, record: Record, *, cancel: bool) -> None:
        """Take a job out that is over, wherever it is. `cancel`: its worker is told to stop."""
        endpoint = record.job.endpoint
        self._lines.get(endpoint, {}).pop(record.job.id, None)
        self._told.pop(record.job.id, None)
        if record.job.id in self._running:
            if cancel and record.worker is not None:
                self._workers.put(record.worker, Cancel(record.job.id))
            self._release(record)
        self._advance(endpoint)

    def lost_with(self, worker: int) -> list[Record]:
        """Take out the jobs that a dead worker had, and return them."""
        lost = [record for record in self._running.values() if record.worker == worker]
        for record in lost:
            self._release(record)
        return lost

    def take_back(self, endpoint: str) -> list[Record]:
        """Take jobs of an endpoint from their workers that have not shown anything yet."""
        running = [one for one in self._running.values() if one.job.endpoint == endpoint]
        unshown = [record for record in running if not record.shown]
        for record in unshown:
            if record.worker is not None:
                self._workers.put(record.worker, Cancel(record.job.id))
            self._release(record)
        return unshown

    def requeue(self, records: list[Record]) -> None:
        """Put jobs in line again, before those that have not had a turn."""
        for record in reversed(records):
            endpoint = record.job.endpoint
            self._lines[endpoint] = {record.job.id: record, **self._lines.get(endpoint, {})}
        self.dispatch()

    def waiting_for(self, endpoint: str) -> list[Record]:
        return list(self._lines.get(endpoint, {}).values())

    def close(self) -> None:
        """Start nothing any more."""
        self._lines.clear()

    def dispatch(self) -> None:
        """Start what can be started, after a worker or an endpoint became ready."""
        for endpoint in list(self._lines):
            self._advance(endpoint)

    def _advance(self, endpoint: str) -> None:
        """Start the first ones of a line, and tell those behind them where they stand now."""
        line = self._lines.get(endpoint)
        if not line:
            return
        slots = self._slots_of(endpoint)
        while line and self._workers.up and (slots is None or self._busy[endpoint] < slots):
            record = line.pop(next(iter(line)))
            self._start(record, min(sorted(self._workers.up), key=self._load.__getitem__))
        loading = self._is_loading(endpoint)
        for position, record in enumerate(islice(line.values(), SHOWN_POSITIONS), 1):
            if loading:
                self._say(record, Status("loading", model=record.job.model, endpoint=endpoint))
            else:
                self._say(record, Status("queued", position=position))

    def _start(self, record: Record, worker: int) -> None:
        self._told.pop(record.job.id, None)
        self._running[record.job.id] = record
        self._load[worker] += 1
        self._busy[record.job.endpoint] += 1
        record.give_to(worker)
        self._workers.put(worker, Run(record.job, record.attempt))

    def _release(self, record: Record) -> None:
        del self._running[record.job.id]
        self._busy[record.job.endpoint] -= 1
        if record.worker is not None:
            self._load[record.worker] -= 1
        record.worker = None

    def _say(self, record: Record, status: Status) -> None:
        if self._told.get(record.job.id) != status:
            self._told[record.job.id] = status
            record.wait(status)
