"""The waiting room: jobs wait in a line for each endpoint, and go to the least busy worker."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from llmchat.domain.job import JobId, Status
from llmchat.domain.messages import Cancel, Command, Run
from llmchat.domain.tools import Approval
from llmchat.jobs.estimates import Estimates
from llmchat.jobs.line import Line
from llmchat.jobs.quotas import Quotas
from llmchat.jobs.records import Record

SHOWN_POSITIONS = 20  # jobs further back learn their place when they come nearer


class Workers(Protocol):
    """The part of WorkerPool that this needs."""

    @property
    def up(self) -> frozenset[int]: ...

    def put(self, slot: int, command: Command) -> None: ...


@dataclass(slots=True)
class _Running:
    record: Record
    endpoint: str
    worker: int
    since: float
    rests: bool = False
    rested: bool = False


class Dispatcher:
    """`slots_of` is how many jobs of an endpoint may run at once; it is 0 while the endpoint cannot
    take any. `is_loading` says that this is because its model is loaded, `progress_of` how far that
    is. `on_rest` gets an endpoint that has answered all it was asked. `approvals_of` are the
    tools that an account has allowed.

    Each endpoint has a line of its own: a full one holds up nobody else. Of an account no more jobs
    are started than `quotas` lets run at once, whichever endpoints they are for.
    """

    def __init__(
        self,
        workers: Workers,
        slots_of: Callable[[str], int],
        is_loading: Callable[[str], bool],
        *,
        progress_of: Callable[[str], float | None] = lambda _: None,
        on_rest: Callable[[str], None] = lambda _: None,
        approvals_of: Callable[[str], tuple[Approval, ...]] = lambda _: (),
        quotas: Quotas | None = None,
    ) -> None:
        self._workers = workers
        self._approvals_of = approvals_of
        self._slots_of = slots_of
        self._is_loading = is_loading
        self._progress_of = progress_of
        self._on_rest = on_rest
        self._quotas = quotas or Quotas()
        self._held: set[str] = set()  # accounts that have enough jobs running
        self._estimates = Estimates()
        self._lines: dict[str, Line] = {}
        self._waits_for: dict[JobId, str] = {}
        self._running: dict[JobId, _Running] = {}
        self._load: Counter[int] = Counter()
        self._busy: Counter[str] = Counter()
        self._told: dict[JobId, Status] = {}
        self._closed = False

    def enqueue(self, record: Record) -> None:
        """Put a job in line, and start it if it can be started."""
        line = self._line(record)
        line.add(record)
        self._advance(record.job.endpoint)
        if record.job.id in self._waits_for and record.job.id not in self._told:
            self._say(record, Status("queued", position=len(line)))

    def move(self, record: Record) -> None:
        """Put a job that ran elsewhere into the line of its new endpoint, before the others."""
        self._release(record, measure=False)
        self.requeue([record])

    def remove(self, record: Record, *, cancel: bool) -> None:
        """Take a job out that is over, wherever it is. `cancel`: its worker is told to stop."""
        job_id, was_held = record.job.id, record.account in self._held
        endpoint = self._waits_for.pop(job_id, None)
        if endpoint is not None:
            self._lines[endpoint].remove(record)
            self._told.pop(job_id, None)
        elif job_id in self._running:
            endpoint = self._running[job_id].endpoint
            if cancel:
                self._workers.put(self._running[job_id].worker, Cancel(job_id))
            self._release(record, measure=not cancel)
        if was_held and record.account not in self._held:
            self.dispatch()  # it may wait for other endpoints, too
        elif endpoint is not None:
            self._advance(endpoint)

    def rest(self, record: Record) -> None:
        """The job does something else than asking its endpoint, which is free for others."""
        run = self._running.get(record.job.id)
        if run is not None and not run.rests:
            run.rests = run.rested = True
            self._busy[run.endpoint] -= 1
            self._advance(run.endpoint)

    def wake(self, record: Record) -> None:
        """It asks its endpoint again. It does not wait: it had its turn, and what was started
        meanwhile ends soon.
        """
        run = self._running.get(record.job.id)
        if run is not None and run.rests:
            run.rests = False
            self._busy[run.endpoint] += 1

    def tell(self, record: Record, command: Command) -> None:
        """Send a command to the worker that runs a job, if one does."""
        if (run := self._running.get(record.job.id)) is not None:
            self._workers.put(run.worker, command)

    def lost_with(self, worker: int) -> list[Record]:
        """Take out the jobs that a dead worker had, and return them."""
        lost = [one.record for one in self._running.values() if one.worker == worker]
        for record in lost:
            self._release(record, measure=False)
        return lost

    def take_back(self, endpoint: str) -> list[Record]:
        """Take jobs of an endpoint from their workers that have not shown anything yet."""
        running = [one for one in self._running.values() if one.endpoint == endpoint]
        unshown = [one for one in running if not one.record.shown]
        for one in unshown:
            self._workers.put(one.worker, Cancel(one.record.job.id))
            self._release(one.record, measure=False)
        return [one.record for one in unshown]

    def requeue(self, records: Sequence[Record]) -> None:
        """Put jobs in line again, before those that have not had a turn."""
        for record in records:
            self._line(record).put_first(record)
        self.dispatch()

    def waiting_for(self, endpoint: str) -> list[Record]:
        """The jobs in the line of an endpoint, in the order of their turns."""
        return list(self._lines.get(endpoint, Line()).order())

    def is_busy(self, endpoint: str) -> bool:
        """Whether jobs of an endpoint run."""
        return self._busy[endpoint] > 0

    def is_wanted(self, endpoint: str) -> bool:
        """Whether jobs of an endpoint wait."""
        return len(self._lines.get(endpoint, ())) > 0

    def tell_progress(self, endpoint: str) -> None:
        """Tell who waits for an endpoint what has changed there."""
        self._advance(endpoint)

    def waiting(self) -> dict[str, int]:
        """How many jobs wait, by endpoint."""
        return {endpoint: len(line) for endpoint, line in self._lines.items()}

    def running(self) -> dict[str, int]:
        """How many jobs run, by endpoint."""
        return dict(self._busy)

    def withdraw_all(self) -> list[Record]:
        """Start nothing any more. Returns the jobs that wait."""
        self._closed = True
        waiting = [record for line in self._lines.values() for record in line.order()]
        self._lines.clear()
        self._waits_for.clear()
        return waiting

    def dispatch(self) -> None:
        """Start what can be started, after a worker or an endpoint became ready."""
        for endpoint in list(self._lines):
            self._advance(endpoint)

    def _line(self, record: Record) -> Line:
        endpoint = record.job.endpoint
        self._waits_for[record.job.id] = endpoint
        return self._lines.setdefault(endpoint, Line(self._held))

    def _advance(self, endpoint: str) -> None:
        """Start the first ones of a line, and tell those behind them where they stand now."""
        line = self._lines.get(endpoint)
        if not line or self._closed:
            return
        slots = self._slots_of(endpoint)
        while line.ready and self._workers.up and self._busy[endpoint] < slots:
            self._start(line.take())
        loading, progress = self._is_loading(endpoint), self._progress_of(endpoint)
        for position, record in enumerate(islice(line.order(), SHOWN_POSITIONS), 1):
            if loading:
                model = record.job.model
                status = Status("loading", model=model, endpoint=endpoint, progress=progress)
                self._say(record, status)
            elif self._position(record) != position:
                eta = self._estimates.eta(endpoint, position, slots)
                self._say(record, Status("queued", position=position, eta_seconds=eta))

    def _position(self, record: Record) -> int | None:
        told = self._told.get(record.job.id)
        return None if told is None else told.position

    def _start(self, record: Record) -> None:
        worker = self._worker_for(record)
        endpoint = self._waits_for.pop(record.job.id)
        self._told.pop(record.job.id, None)
        self._running[record.job.id] = _Running(record, endpoint, worker, time.monotonic())
        self._load[worker] += 1
        self._busy[endpoint] += 1
        self._count(record.account, self._quotas.run(record.account))
        record.give_to(worker)
        approvals = self._approvals_of(record.account) if record.job.request.tool_servers else ()
        self._workers.put(worker, Run(record.job, record.attempt, approvals))

    def _count(self, account: str, running: int) -> None:
        """So many jobs of the account run now."""
        most = self._quotas.most_running(account)
        if most and running >= most:
            self._held.add(account)
            for line in self._lines.values():
                line.hold(account)
        elif account in self._held:
            self._held.remove(account)
            for line in self._lines.values():
                line.let_go(account)

    def _worker_for(self, record: Record) -> int:
        """The least busy one. All that use tools go to the same: there is one session with each
        server then, with what it remembers of the question before.
        """
        up = sorted(self._workers.up)
        if record.job.request.tool_servers:
            return up[0]
        return min(up, key=self._load.__getitem__)

    def _release(self, record: Record, *, measure: bool) -> None:
        run = self._running.pop(record.job.id, None)
        if run is None:
            return
        self._busy[run.endpoint] -= not run.rests
        self._load[run.worker] -= 1
        self._count(record.account, self._quotas.rest(record.account))
        record.worker = None
        if not self._busy[run.endpoint]:
            self._on_rest(run.endpoint)
        if measure and not run.rested:
            self._estimates.measured(run.endpoint, time.monotonic() - run.since)

    def _say(self, record: Record, status: Status) -> None:
        if self._told.get(record.job.id) != status:
            self._told[record.job.id] = status
            record.wait(status)
