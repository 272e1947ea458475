"""② Submit, follow and cancel jobs: what the HTTP layer talks to."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from llmchat.config import Settings
from llmchat.domain.access import Role
from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import Configured, Endpoint, Model
from llmchat.domain.errors import (
    LLMChatError,
    NoSuchJobError,
    NotWaitingError,
    RequestError,
    StorageError,
)
from llmchat.domain.job import EventId, Job, JobId, Target
from llmchat.domain.messages import Discovered
from llmchat.domain.tools import Decision
from llmchat.domain.trial import Verdict
from llmchat.jobs.approvals import Approvals
from llmchat.jobs.archive import Archive
from llmchat.jobs.backend import Backend
from llmchat.jobs.calls import Calls
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.dispatcher import Dispatcher
from llmchat.jobs.endings import Endings
from llmchat.jobs.engine import EngineState
from llmchat.jobs.local import LocalModels
from llmchat.jobs.log import JobLog
from llmchat.jobs.metrics import Figures, Meter, Metrics
from llmchat.jobs.owned import Owned
from llmchat.jobs.quotas import Quotas
from llmchat.jobs.reactions import Reactions
from llmchat.jobs.recorder import Recorder
from llmchat.jobs.records import JobView, Record, Records, Submission
from llmchat.jobs.recovery import STOPPED, aim, sort_out
from llmchat.jobs.room import Room
from llmchat.jobs.router import Router
from llmchat.jobs.supervisor import Child, RestartPolicy
from llmchat.jobs.unwatched import stop_unwatched
from llmchat.storage.conversations import Changed
from llmchat.storage.jobs import JobStore
from llmchat.storage.turns import Turn

log = logging.getLogger(__name__)


class JobService(Reactions):
    """All jobs of this server. `notices` are for people, by code; the other arguments but `store`
    are those of Backend.
    """

    def __init__(
        self,
        settings: Settings,
        store: JobStore,
        *,
        worker: Child[Any],
        workers: int,
        engine: Child[Any] | None,
        embedded: Model | None,
        local: LocalModels,
        policy: Callable[[], RestartPolicy] = RestartPolicy,
        notices: Mapping[str, str] | None = None,
        expecting: bool = False,
    ) -> None:
        self._settings = settings
        self._store = store
        self.metrics = Metrics()
        self._archive = Archive(store)
        self.quotas = Quotas(settings.user_limits, settings.guest_limits)
        self._records = Records(self.quotas)
        self._recovered = asyncio.Event()  # the jobs of the last run are among the records
        self._tasks: set[asyncio.Task[None]] = set()
        self._backend = Backend(
            settings,
            self,
            worker=worker,
            workers=workers,
            engine=engine,
            embedded=embedded,
            local=local,
            policy=policy,
            expecting=expecting,
        )
        self._room = Room(
            store,
            self._backend.workers,
            self._records,
            settings.max_queued,
            notices or {},
        )
        self.approvals = Approvals(store.approvals)
        self._dispatcher = Dispatcher(
            self._backend.workers,
            self._backend.slots_of,
            self._backend.is_loading,
            progress_of=self._backend.progress_of,
            on_rest=self._backend.engines.rest,
            approvals_of=self.approvals.given,
            quotas=self.quotas,
        )
        self._calls = Calls(self._dispatcher, self.approvals, self._background)
        self._endings = Endings(
            self._records, self._dispatcher, self._room, self.metrics, self._background
        )
        self.owned = Owned(self._records, self._endings.stop)
        self._recorder = Recorder(store, self._endings.not_stored)
        self._router = Router(self._records.find, self._endings.ended, self._calls.note)

    def start(self, own_port: int) -> None:
        """Spawn the workers, and go on with what the last run left. `own_port` is never asked
        for models.
        """
        self._backend.start(own_port)
        self._background(self._recover())
        self._background(self._archive.forget_hourly(self._settings.keep_seconds))
        self._background(self.metrics.watch_loop())
        limit = self._settings.unwatched_timeout_seconds
        self._background(stop_unwatched(self._records, limit, self._endings.stop))

    async def drain(self, seconds: float, hurry: asyncio.Event) -> None:
        """Take nothing new, and let what runs come to its end for some seconds, or until `hurry`.

        What waits stays in the store, and is answered after the next start.
        """
        self._room.closing = True
        for record in self._dispatcher.withdraw_all():
            self._endings.leave(record)
        self._endings.check_idle()
        waits = [asyncio.create_task(one.wait()) for one in (self._endings.idle, hurry)]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()

    async def close(self) -> None:
        """End every running job with a final event, then every process."""
        await self.drain(0, asyncio.Event())
        for task in self._tasks:
            task.cancel()
        running = self._records.active()
        for record in running:
            self._endings.finish(record, STOPPED)
        for record in running:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(record.log.stored(), 1.0)
        await self._backend.close()

    async def submit(
        self,
        request: ChatRequest,
        idempotency_key: str | None = None,
        request_id: str = "",
        *,
        account: str,
        role: Role = Role.GUEST,
        turn: Turn | None = None,
        temporary: bool = False,
    ) -> Submission:
        """Accept a request of an account as its job, which no other account finds, for endpoints
        that the role may use. Every accepted job ends in exactly one final event.

        `turn` is stored with it. Nothing of a `temporary` one is stored. Raises UnavailableError
        when too many jobs wait or the store cannot take it, LimitError for an account that has
        what it may have, RequestError for a model that nobody has or an Idempotency-Key that was
        used for another request, and what `Turn.store` raises.
        """
        catalogue = await self._backend.choice(request.model)
        await self._recovered.wait()
        await self.quotas.prepare(account)
        digest = turn.digest if turn is not None else ""
        known = self._records.repeated(account, idempotency_key, request, digest)
        if idempotency_key is not None and known is None:
            stored = await self._archive.repeated(account, idempotency_key, request, digest)
            if stored is not None:
                return Submission(stored, replayed=True)
        # From here on without an await: of two submits with one key, the second finds the first.
        record = self._records.repeated(account, idempotency_key, request, digest)
        replayed = record is not None
        if record is None:
            self._room.check()
            target, *fallbacks = catalogue.resolve(request.model, account, role)
            self.quotas.ask(account)
            if request.embeds:  # vectors of another model would mean something else
                fallbacks = [one for one in fallbacks if one.model == target.model]
            job = Job(JobId(secrets.token_urlsafe(16)), request, target, tuple(fallbacks))
            record = Record(
                *(job, idempotency_key),
                request_id=request_id,
                meter=Meter(self.metrics),
                turn=turn,
                digest=digest,
                temporary=temporary,
                account=account,
                role=role,
            )
            if not temporary:
                record.on_append = self._recorder.note
            self._records.add(record)
            record.accepted = asyncio.create_task(self._accept(record))
        if record.accepted is not None:
            await asyncio.shield(record.accepted)
        return Submission(record.job, replayed)

    async def aim(self, account: str, role: Role, model: str | None) -> tuple[Target, Endpoint]:
        """Where a question of an account for this model would go. Raises RequestError for none."""
        catalogue = await self._backend.choice()
        target, *_ = catalogue.resolve(model, account, role)
        return target, catalogue.endpoint_of(target)

    async def log(self, account: str, job_id: JobId) -> JobLog:
        """The event log of a job. Raises StorageError, and NoSuchJobError also for the job of
        another account, as all that follow.
        """
        if (record := await self._find(account, job_id)) is not None:
            return record.log
        if (stored := await self._archive.log(account, job_id)) is not None:
            return stored
        raise NoSuchJobError

    async def view(self, account: str, job_id: JobId) -> JobView:
        """A job as the API shows it."""
        if (record := await self._find(account, job_id)) is not None:
            return record.view()
        if (stored := await self._archive.view(account, job_id)) is not None:
            return stored
        raise NoSuchJobError

    async def list(self, account: str, active_only: bool, limit: int) -> Sequence[JobView]:
        """The newest jobs of an account, oldest first. Raises StorageError."""
        await self._recovered.wait()
        if active_only:
            return [record.view() for record in self._records.active_of(account)[-limit:]]
        views = await self._archive.newest(account, limit)
        records = [self._records.find(view.id) for view in views]
        return [
            view if record is None else record.view()
            for view, record in zip(views, records, strict=True)
        ]

    async def cancel(self, account: str, job_id: JobId, seen: EventId | None = None) -> None:
        """Stop a job; nothing happens to one that is over.

        `seen` is the last event that the reader who stops it had: the answer ends there.
        """
        record = await self._find(account, job_id)
        if record is None:
            await self.view(account, job_id)
            return
        self._endings.stop(record, seen)
        await record.log.stored()

    async def decide(self, account: str, job_id: JobId, call_id: str, decision: Decision) -> None:
        """Say whether a tool that waits for that may run. Raises NotWaitingError, too."""
        record = await self._find(account, job_id)
        if record is None:
            await self.view(account, job_id)
            raise NotWaitingError
        await self._calls.decide(record, call_id, decision)

    def tell(self, on_changed: Callable[[Sequence[Changed]], None]) -> None:
        """Have it called with what jobs have made of conversations, when that is stored."""
        self._store.on_changed = on_changed

    def expect(self) -> None:
        """Somebody has opened the page: a question will come soon."""
        self._backend.expect()

    async def lists(self) -> Catalogue:
        """What can answer, when every endpoint was asked once, or after some seconds anyway."""
        return await self._backend.lists()

    def catalogue(self) -> Catalogue:
        """What can answer, from memory."""
        return self._backend.catalogue()

    def configure(self, further: Sequence[Configured]) -> None:
        """Have these endpoints beside those of the settings from now on."""
        self._backend.configure(further)

    async def try_endpoint(self, endpoint: Endpoint) -> Verdict:
        """Whether an endpoint works, which need not be one that is set up."""
        return await self._backend.looks.try_endpoint(endpoint)

    async def look_around(self) -> Discovered:
        """The model servers that run on this machine now."""
        return await self._backend.looks.look_around()

    @property
    def local(self) -> LocalModels:
        """The models of the folder of models."""
        return self._backend.local

    def engine_state(self, endpoint: str) -> EngineState:
        """Whether a model of this server is in memory."""
        return self._backend.engine_state(endpoint)

    async def release(self, endpoint: str) -> None:
        """Have a model leave memory. RequestError (409) while questions run or wait there."""
        if self.is_busy(endpoint) or self.is_wanted(endpoint):
            raise RequestError(
                "The model is answering. Wait until it is done, or stop the answers.",
                code="model-busy",
                status=409,
            )
        await self._backend.engines.unload(endpoint)

    def notices(self) -> Mapping[str, str]:
        """What people should know of the state of this server, by code."""
        return self._room.notices()

    def readiness(self) -> Mapping[str, str]:
        """What is not ready, by part; empty if all is."""
        return self._room.missing()

    def pids(self) -> Mapping[str, Sequence[int]]:
        """The process ids of the living children, by what they are."""
        return self._backend.pids()

    def figures(self) -> Figures:
        """What is so at this moment, beside what `metrics` has counted."""
        workers = self._backend.workers
        return Figures(
            waiting=self._dispatcher.waiting(),
            running=self._dispatcher.running(),
            most_jobs=self._room.most_jobs,
            workers=len(workers.pids()),
            workers_up=len(workers.up),
            store_full=self._store.full,
        )

    async def _find(self, account: str, job_id: JobId) -> Record | None:
        """The job of an account, if it is in memory: here, and where the store is asked for it, it
        is decided whose it is. What the last run left is not over, and not lost.
        """
        await self._recovered.wait()
        record = self._records.find(job_id)
        if record is None or record.account != account:
            return None
        record.watched = time.monotonic()
        return record

    async def _accept(self, record: Record) -> None:
        """Store a new job, then put it in line."""
        try:
            if not record.temporary:
                await self._archive.add(record)
        except LLMChatError:
            self._records.forget(record)
            raise
        if self._room.closing:
            self._endings.leave(record)
        else:
            self._dispatcher.enqueue(record)

    async def _recover(self) -> None:
        """Go on with the jobs that the last run of the server left behind."""
        try:
            await self.approvals.load()
            records = await self._archive.unfinished()
        except StorageError as error:
            log.error("the jobs of the last run cannot be read: %s", error.message)  # noqa: TRY400 - it says all
            records = []
        for record in records:
            record.on_append = self._recorder.note
            record.meter = Meter(self.metrics)
            self._records.add(record)
        self._recovered.set()
        again = sort_out(records, self._endings.finish)
        catalogue = await self._backend.choice() if again else self._backend.catalogue()
        for record in again:
            if record.log.final is not None:  # it was stopped meanwhile
                continue
            if (failure := aim(record, catalogue)) is not None:
                self._endings.finish(record, failure)
            else:
                self._dispatcher.enqueue(record)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
