"""② Submit, follow and cancel jobs: what the HTTP layer talks to."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmchat.config import Settings
from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import EMBEDDED, Endpoint, Model
from llmchat.domain.errors import UnavailableError
from llmchat.domain.job import Done, EventId, Failed, Job, JobId, Status
from llmchat.domain.messages import (
    Discover,
    Discovered,
    JobEvents,
    Listed,
    ListModels,
    Report,
    SetEndpoint,
)
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.dispatcher import Dispatcher
from llmchat.jobs.engine import Engine
from llmchat.jobs.log import JobLog
from llmchat.jobs.pool import WorkerPool
from llmchat.jobs.records import JobView, Record, Records
from llmchat.jobs.router import Router
from llmchat.jobs.supervisor import Child, RestartPolicy

EMBEDDED_SLOTS = 2  # what the engine is started with; more would wait inside it, unseen
LISTS_STALE_SECONDS = 15.0
CHOICE_SECONDS = 5.0  # how long the first question may wait for the choice of an endpoint
MAX_ATTEMPTS = 2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """The job of a request; `replayed` if an earlier request with the same key had made it."""

    job: Job
    replayed: bool


class JobService:
    """All jobs of this server, and the processes that answer them.

    `worker` and `engine` are what to spawn; `embedded` is the model that the engine serves.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        worker: Child[Any],
        workers: int,
        engine: Child[Any] | None,
        embedded: Model | None,
        policy: Callable[[], RestartPolicy] = RestartPolicy,
    ) -> None:
        self._settings = settings
        self._records = Records()
        self._catalogue = Catalogue(settings, embedded)
        self._chosen = asyncio.Event()
        self._asked = float("-inf")
        self._own_port = 0
        self._closing = False
        self._pool = WorkerPool(
            worker,
            workers,
            on_up=self._worker_up,
            on_report=self._report,
            on_death=self._worker_lost,
            policy=policy,
        )
        self._engine: Engine[Any] | None = None
        if engine is not None:
            self._engine = Engine(
                engine,
                on_ready=self._engine_ready,
                on_lost=self._engine_lost,
                on_failed=self._engine_failed,
                policy=policy(),
            )
        self._dispatcher = Dispatcher(self._pool, self._slots_of, self._is_loading)
        self._router = Router(self._records.find, self._over)

    def start(self, own_port: int) -> None:
        """Spawn the workers. `own_port` is never asked for models."""
        self._own_port = own_port
        self._pool.start()
        self._note_choice()

    async def close(self) -> None:
        """End every job with a final event, then every process."""
        self._closing = True
        for record in self._records.active():
            self._finish(
                record,
                Failed(
                    "interrupted",
                    "llmchat was stopped before this answer was complete. Ask again to go on.",
                ),
            )
        await asyncio.gather(self._pool.close(), *([self._engine.close()] if self._engine else []))

    async def submit(self, request: ChatRequest, idempotency_key: str | None = None) -> Submission:
        """Accept a request as a job. Every accepted job ends in exactly one final event.

        Raises UnavailableError when too many jobs wait, RequestError for a model that nobody has
        or an Idempotency-Key that was used for another request.
        """
        if (earlier := self._records.repeated(idempotency_key, request)) is not None:
            return Submission(earlier.job, replayed=True)
        self._check_room()
        if not self._catalogue.ready:
            await self._wait_for_choice()
            if (earlier := self._records.repeated(idempotency_key, request)) is not None:
                return Submission(earlier.job, replayed=True)
        endpoint, model = self._catalogue.resolve(request.model)
        job = Job(JobId(secrets.token_urlsafe(16)), request, endpoint, model)
        record = Record(job, idempotency_key)
        self._records.add(record)
        self._dispatcher.enqueue(record)
        return Submission(job, replayed=False)

    def log(self, job_id: JobId) -> JobLog:
        """The event log of a job. Raises NoSuchJobError."""
        return self._records.get(job_id).log

    def view(self, job_id: JobId) -> JobView:
        """A job as the API shows it. Raises NoSuchJobError."""
        return self._records.get(job_id).view()

    def list(self, active_only: bool) -> Sequence[JobView]:
        """The jobs that are kept, oldest first."""
        records = self._records.active() if active_only else self._records.all()
        return [record.view() for record in records]

    def cancel(self, job_id: JobId, seen: EventId | None = None) -> None:
        """Stop a job; nothing happens to one that is over. Raises NoSuchJobError.

        `seen` is the last event that the reader who stops it had: the answer ends there.
        """
        record = self._records.get(job_id)
        kept = None if seen is None else str(seen)
        self._finish(record, Done("cancelled", model=record.job.model, seen=kept))

    def catalogue(self) -> Catalogue:
        """What can answer, from memory; a list that is old is asked for again in the background."""
        self._ask_for_models(max_age_seconds=LISTS_STALE_SECONDS)
        return self._catalogue

    def readiness(self) -> dict[str, str]:
        """What is not ready, by part; empty if all is."""
        missing = {}
        if self._closing:
            missing["server"] = "stopping"
        if not self._pool.up:
            missing["worker"] = "starting"
        if self._records.active_count >= self._settings.max_queued:
            missing["queue"] = "full"
        return missing

    def pids(self) -> Mapping[str, Sequence[int]]:
        """The process ids of the living children, by what they are."""
        engine = [self._engine.pid] if self._engine else []
        children = {"worker": self._pool.pids(), "engine": engine}
        return {name: [pid for pid in pids if pid] for name, pids in children.items()}

    def _check_room(self) -> None:
        if self._closing:
            raise UnavailableError("llmchat is stopping.", code="stopping")
        if self._records.active_count >= self._settings.max_queued:
            raise UnavailableError(
                "Too many questions are waiting. Try again in a moment.", code="queue-full"
            )

    async def _wait_for_choice(self) -> None:
        try:
            async with asyncio.timeout(CHOICE_SECONDS):
                await self._chosen.wait()
        except TimeoutError:
            # The choice is still open, e.g. since the endpoint is a black hole: the job will say.
            log.warning("no endpoint has answered yet")

    def _finish(self, record: Record, event: Done | Failed) -> None:
        if record.finish(event):
            self._dispatcher.remove(record)
            self._over(record)

    def _over(self, record: Record) -> None:
        self._records.over(record)
        self._dispatcher.remove(record)
        if self._settings.keep_seconds:
            loop = asyncio.get_running_loop()
            loop.call_later(self._settings.keep_seconds, self._records.forget, record)

    # What the processes tell

    def _worker_up(self, slot: int) -> None:
        endpoints = self._catalogue.endpoints()
        if self._engine and self._engine.endpoint:
            endpoints.append(self._engine.endpoint)
        for endpoint in endpoints:
            self._pool.put(slot, SetEndpoint(endpoint))
        if not self._catalogue.ready:
            self._asked = float("-inf")  # a worker that died may have taken the question with it
        self._ask_for_models(max_age_seconds=LISTS_STALE_SECONDS)
        self._dispatcher.dispatch()

    def _report(self, report: Report) -> None:
        match report:
            case JobEvents():
                self._router.route(report)
            case Listed(listing):
                self._catalogue.learn(listing)
                self._note_choice()
            case Discovered():
                for endpoint in self._catalogue.discovered(report):
                    self._pool.broadcast(SetEndpoint(endpoint))
                self._note_choice()
            case _:
                log.error("unexpected report %s", type(report).__name__)

    def _worker_lost(self, slot: int, reason: str) -> None:
        self._run_again(self._dispatcher.lost_with(slot), f"The worker process ended ({reason})")

    def _engine_ready(self, endpoint: Endpoint) -> None:
        self._pool.broadcast(SetEndpoint(endpoint))
        self._dispatcher.dispatch()

    def _engine_lost(self, reason: str) -> None:
        # What has shown text is left to the worker: it sees the connection break, and says so.
        self._run_again(
            self._dispatcher.take_back(EMBEDDED), f"The built-in model's process ended ({reason})"
        )

    def _engine_failed(self, message: str) -> None:
        for record in self._dispatcher.waiting_for(EMBEDDED):
            self._finish(record, Failed("model-not-loaded", message))

    def _run_again(self, records: Sequence[Record], what: str) -> None:
        """Start jobs anew whose process died, as long as nothing was shown, and once only."""
        again = []
        for record in records:
            if record.shown or record.attempt >= MAX_ATTEMPTS:
                self._finish(record, _crashed(what, record.shown))
            else:
                record.begin_attempt(Status("restarted", reason=f"{what}."))
                again.append(record)
        self._dispatcher.requeue(again)

    # What the dispatcher asks

    def _slots_of(self, endpoint: str) -> int | None:
        if endpoint != EMBEDDED or self._engine is None:
            return None
        self._engine.need()
        return EMBEDDED_SLOTS if self._engine.endpoint else 0

    def _is_loading(self, endpoint: str) -> bool:
        return endpoint == EMBEDDED and self._engine is not None and not self._engine.endpoint

    def _ask_for_models(self, max_age_seconds: float) -> None:
        """Have a worker ask all endpoints, unless that was done a short while ago."""
        now = time.monotonic()
        if not self._pool.up or now - self._asked < max_age_seconds:
            return
        self._asked = now
        slot = min(self._pool.up)
        for endpoint in self._catalogue.endpoints():
            self._pool.put(slot, ListModels(endpoint.name))
        if self._settings.discover and not self._settings.base_url:
            self._pool.put(slot, Discover(self._own_port))

    def _note_choice(self) -> None:
        if self._catalogue.ready:
            self._chosen.set()


def _crashed(what: str, shown: bool) -> Failed:
    rest = (
        "The text so far is kept and may be complete. Ask again for a new answer."
        if shown
        else "It was tried twice. Ask again, or choose another model."
    )
    return Failed("worker-crashed", f"{what} while it answered. {rest}")
