"""Jobs without processes: what the server needs of `JobService`, answered from a script."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

from llmchat.config import Settings
from llmchat.domain.access import Role
from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import Model
from llmchat.domain.errors import NoSuchJobError
from llmchat.domain.job import Delta, Done, Event, EventId, Failed, Job, JobId, Status
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.engine import EngineState
from llmchat.jobs.local import FileOf, LocalModels
from llmchat.jobs.log import Entry, JobLog
from llmchat.jobs.metrics import Figures, Metrics
from llmchat.jobs.owned import Owned
from llmchat.jobs.quotas import Quotas
from llmchat.jobs.records import JobView, Record, Records, Submission
from llmchat.jobs.service import JobService
from llmchat.jobs.supervisor import Child
from llmchat.modelfiles.folder import ModelFolder
from llmchat.storage.conversations import Changed
from llmchat.storage.turns import Turn

MODEL = Model("tiny", "embedded", context_window=2048, vision=False)
ANSWER = (Delta("Hel"), Delta("lo "), Delta("wörld"))


class WatchedLog(JobLog):
    """Tells when a reader has come, and when one has left."""

    def __init__(self) -> None:
        super().__init__()
        self.came = asyncio.Event()
        self.left = asyncio.Event()

    def listen(self, published: Callable[[], None]) -> None:
        super().listen(published)
        self.came.set()

    def unlisten(self, published: Callable[[], None]) -> None:
        super().unlisten(published)
        self.left.set()


class ScriptedJobs:
    """Each job is answered at once with `script`; without one it stays queued until `write`."""

    def __init__(self, script: Sequence[Event] | None = None) -> None:
        settings = Settings(data_dir=Path(), discover=False)
        self._records = Records()
        self.quotas = Quotas()
        self.owned = Owned(self._records, self._stop)
        self._all: list[Record] = []
        self._catalogue = Catalogue(settings, MODEL)
        self._script = script
        self.missing: dict[str, str] = {}
        self.expected = 0
        self.metrics = Metrics()
        self.local = LocalModels(ModelFolder(Path("nowhere")), _no_child, lambda _: 0)

    def tell(self, on_changed: Callable[[Sequence[Changed]], None]) -> None:
        """These jobs change nothing that is stored."""

    def expect(self) -> None:
        self.expected += 1

    async def submit(
        self,
        request: ChatRequest,
        idempotency_key: str | None = None,
        request_id: str = "",
        *,
        account: str = "",
        role: Role = Role.GUEST,
        turn: Turn | None = None,
        temporary: bool = False,
    ) -> Submission:
        assert turn is None, "turns are asked of the real service, in tests/system"
        earlier = self._records.repeated(account, idempotency_key, request)
        if earlier is not None:
            return Submission(earlier.job, replayed=True)
        target, *_ = self._catalogue.resolve(request.model, account, role)
        job = Job(JobId(secrets.token_urlsafe(16)), request, target)
        record = Record(job, idempotency_key, log=WatchedLog(), account=account)
        self._records.add(record)
        self._all.append(record)
        record.wait(Status("queued"))
        if self._script is not None:
            self.write(job.id, *self._script, Done("stop"))
        return Submission(job, replayed=False)

    def write(self, job_id: JobId, *events: Event) -> None:
        """Append events as a worker would; a final one ends the job."""
        record = self._get(job_id)
        if record.worker is None:
            record.give_to(0)
        for event in events:
            if isinstance(event, Done | Failed):
                record.finish(event)
                self._records.over(record)
            else:
                last = record.log.last_id or EventId(1, 0)
                record.add(Entry.of(EventId(1, last.seq + 1), event))

    def request(self, job_id: JobId) -> ChatRequest:
        return self._get(job_id).job.request

    def watched(self, job_id: JobId) -> WatchedLog:
        log = self._get(job_id).log
        assert isinstance(log, WatchedLog)
        return log

    async def log(self, account: str, job_id: JobId) -> JobLog:
        return self._of(account, job_id).log

    async def view(self, account: str, job_id: JobId) -> JobView:
        return self._of(account, job_id).view()

    async def list(self, account: str, active_only: bool, limit: int) -> list[JobView]:
        records = self._records.active() if active_only else self._all
        return [record.view() for record in records if record.account == account][-limit:]

    async def cancel(self, account: str, job_id: JobId, seen: EventId | None = None) -> None:
        record = self._of(account, job_id)
        record.finish(Done("cancelled", seen=None if seen is None else str(seen)))
        self._records.over(record)

    def _stop(self, record: Record) -> None:
        record.finish(Done("cancelled"))
        self._records.over(record)

    def _get(self, job_id: JobId) -> Record:
        record = self._records.find(job_id)
        if record is None:
            raise NoSuchJobError
        return record

    def _of(self, account: str, job_id: JobId) -> Record:
        record = self._get(job_id)
        if record.account != account:
            raise NoSuchJobError
        return record

    async def lists(self) -> Catalogue:
        return self._catalogue

    def catalogue(self) -> Catalogue:
        return self._catalogue

    def notices(self) -> dict[str, str]:
        return {}

    def readiness(self) -> dict[str, str]:
        return self.missing

    def figures(self) -> Figures:
        return Figures({}, {}, most_jobs=1, workers=0, workers_up=0, store_full=False)

    def engine_state(self, endpoint: str) -> EngineState:
        return "off"

    def as_service(self) -> JobService:
        """The server takes no other class, but needs no more than this one has."""
        return cast(JobService, self)


def _no_child(_file_of: FileOf) -> Child[Any]:
    raise AssertionError("there are no model files")
