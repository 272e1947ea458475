"""② Submit, follow and cancel jobs: what the HTTP layer talks to."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmchat.config import Settings
from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import EMBEDDED, Model
from llmchat.domain.errors import UnavailableError
from llmchat.domain.job import Done, EventId, Failed, Job, JobId, Status
from llmchat.domain.messages import JobEvents
from llmchat.jobs.backend import Backend
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.dispatcher import Dispatcher
from llmchat.jobs.log import JobLog
from llmchat.jobs.records import JobView, Record, Records
from llmchat.jobs.router import Router
from llmchat.jobs.supervisor import Child, RestartPolicy

MAX_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Submission:
    """The job of a request; `replayed` if an earlier request with the same key had made it."""

    job: Job
    replayed: bool


class JobService:
    """All jobs of this server. The arguments are those of Backend."""

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
        self._records = Records(settings.max_kept)
        self._closing = False
        self._backend = Backend(
            settings,
            self,
            worker=worker,
            workers=workers,
            engine=engine,
            embedded=embedded,
            policy=policy,
        )
        self._dispatcher = Dispatcher(
            self._backend.workers, self._backend.slots_of, self._backend.is_loading
        )
        self._router = Router(self._records.find, self._over)

    def start(self, own_port: int) -> None:
        """Spawn the workers. `own_port` is never asked for models."""
        self._backend.start(own_port)

    async def close(self) -> None:
        """End every job with a final event, then every process."""
        self._closing = True
        self._dispatcher.close()
        for record in self._records.active():
            self._finish(
                record,
                Failed(
                    "interrupted",
                    "llmchat was stopped before this answer was complete. Ask again to go on.",
                ),
            )
        await self._backend.close()

    async def submit(self, request: ChatRequest, idempotency_key: str | None = None) -> Submission:
        """Accept a request as a job. Every accepted job ends in exactly one final event.

        Raises UnavailableError when too many jobs wait, RequestError for a model that nobody has
        or an Idempotency-Key that was used for another request.
        """
        catalogue = await self._backend.choice()
        # From here on without an await: of two submits with one key, the second finds the first.
        if (earlier := self._records.repeated(idempotency_key, request)) is not None:
            return Submission(earlier.job, replayed=True)
        self._check_room()
        endpoint, model = catalogue.resolve(request.model)
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

    def expect(self) -> None:
        """Somebody has opened the page: a question will come soon."""
        self._backend.expect()

    def catalogue(self) -> Catalogue:
        """What can answer, from memory."""
        return self._backend.catalogue()

    def readiness(self) -> Mapping[str, str]:
        """What is not ready, by part; empty if all is."""
        missing = {}
        if self._closing:
            missing["server"] = "stopping"
        if not self._backend.workers.up:
            missing["worker"] = self._backend.workers.failing or "starting"
        if self._records.active_count >= self._settings.max_queued:
            missing["queue"] = "full"
        return missing

    def pids(self) -> Mapping[str, Sequence[int]]:
        """The process ids of the living children, by what they are."""
        return self._backend.pids()

    def on_ready(self) -> None:
        """Listener of the backend, as the next four."""
        self._dispatcher.dispatch()

    def on_events(self, report: JobEvents) -> None:
        self._router.route(report)

    def on_worker_lost(self, slot: int, reason: str) -> None:
        self._run_again(self._dispatcher.lost_with(slot), f"The worker process ended ({reason})")

    def on_engine_lost(self, reason: str) -> None:
        # What has shown text is left to the worker: it sees the connection break, and says so.
        self._run_again(
            self._dispatcher.take_back(EMBEDDED), f"The built-in model's process ended ({reason})"
        )

    def on_engine_failed(self, message: str) -> None:
        for record in self._dispatcher.waiting_for(EMBEDDED):
            self._finish(record, Failed("model-not-loaded", message))

    def _check_room(self) -> None:
        if self._closing:
            raise UnavailableError("llmchat is stopping.", code="stopping")
        if (reason := self._backend.workers.failing) is not None:
            raise UnavailableError(
                f"No worker process can be started ({reason}). The log of llmchat says more.",
                code="no-worker",
            )
        if self._records.active_count >= self._settings.max_queued:
            raise UnavailableError(
                "Too many questions are waiting. Try again in a moment.", code="queue-full"
            )

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

    def _finish(self, record: Record, event: Done | Failed) -> None:
        """End a job that its worker has not ended."""
        if record.finish(event):
            self._over(record, cancel=True)

    def _over(self, record: Record, *, cancel: bool = False) -> None:
        self._records.over(record)
        self._dispatcher.remove(record, cancel=cancel)
        if self._settings.keep_seconds:
            loop = asyncio.get_running_loop()
            loop.call_later(self._settings.keep_seconds, self._records.forget, record)


def _crashed(what: str, shown: bool) -> Failed:
    rest = (
        "The text so far is kept and may be complete. Ask again for a new answer."
        if shown
        else "It was tried twice. Ask again, or choose another model."
    )
    return Failed("worker-crashed", f"{what} while it answered. {rest}")
