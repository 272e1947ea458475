"""A trial of what answers: a real worker, asked as the server asks it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from llmchat.app import Children, make_registry
from llmchat.config import Settings
from llmchat.domain.access import Role
from llmchat.domain.chat import ChatRequest
from llmchat.domain.endpoint import EMBEDDED
from llmchat.domain.job import SHOWN_EVENTS, Done, Event, Failed, Job, JobId, Target
from llmchat.domain.messages import EngineFailed, JobEvents, Run
from llmchat.jobs.backend import Backend
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.supervisor import RestartPolicy
from llmchat.queues.events import unpack

_LOOK_SECONDS = 0.02  # the catalogue announces nothing
_JOB = JobId("doctor")


class TrialError(Exception):
    """Why it did not work, for a person."""


class Trial:
    """The processes that a server would have, with one worker. `async with` ends them.

    What is waited for raises TrialError, also when the time is over.
    """

    def __init__(self, settings: Settings, children: Children) -> None:
        self.has_model = children.engine is not None
        self._model = children.embedded.id if children.embedded else ""
        self._problem: str | None = None
        self._events: list[Event] = []
        self._backend = Backend(
            settings,
            self,
            worker=children.worker,
            workers=1,
            engine=children.engine,
            embedded=children.embedded,
            local=children.local,
            policy=RestartPolicy,
            expecting=True,
        )
        self._port = settings.port
        self._endpoints = make_registry(settings, settings.data_dir, self._backend, self._port)

    async def __aenter__(self) -> Trial:
        self._backend.start(self._port)
        await self._endpoints.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._backend.close()

    @property
    def problems(self) -> list[str]:
        """Of the files that name endpoints."""
        return list(self._endpoints.problems.values())

    @property
    def wanted(self) -> dict[str, str]:
        """The models that the endpoints are to use, by their names."""
        return {one.entry.name: one.entry.model for one in self._endpoints.items()}

    async def worker(self, seconds: float) -> int:
        """The process id of the worker, once it has said that it is alive."""
        await self._until(lambda: bool(self._backend.workers.up), seconds)
        return self._backend.pids()["worker"][0]

    async def catalogue(self, seconds: float) -> Catalogue:
        """What the endpoints have answered, once all have."""
        catalogue = self._backend.catalogue()
        await self._until(lambda: catalogue.ready and not _loading(catalogue), seconds)
        return catalogue

    async def load(self, seconds: float) -> None:
        """Return when the embedded model is in memory."""
        await self._until(lambda: self._backend.slots_of(EMBEDDED) > 0, seconds)

    async def ask_model(self, seconds: float) -> str:
        """The first text of an answer of the embedded model, which is loaded."""
        request = ChatRequest([{"role": "user", "content": "Hello"}], parameters={"max_tokens": 1})
        job = Job(_JOB, request, Target(EMBEDDED, self._model))
        self._backend.workers.put(min(self._backend.workers.up), Run(job, 1))
        await self._until(lambda: any(isinstance(one, Done) for one in self._events), seconds)
        shown = [one for one in self._events if isinstance(one, SHOWN_EVENTS)]
        return "".join(getattr(one, "text", "") for one in shown)

    async def _until(self, holds: Callable[[], bool], seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not holds():
                    if self._problem is not None:
                        raise TrialError(self._problem)
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError:
            raise TrialError(f"nothing came within {seconds:g} s.") from None

    def on_ready(self) -> None:
        """Listener of the backend, as the next eight."""

    def on_events(self, report: JobEvents) -> None:
        for event in map(unpack, report.events):
            self._events.append(event)
            if isinstance(event, Failed):
                self._problem = event.message

    def hold(self) -> None:
        pass  # nothing is stored

    def on_worker_lost(self, slot: int, reason: str) -> None:
        self._problem = f"its process ended: {reason}."

    def on_engine_loading(self, endpoint: str) -> None:
        pass  # it is ready soon

    def on_engine_lost(self, endpoint: str, title: str, reason: str) -> None:
        pass  # it is started again, or `on_engine_failed` says why not

    def on_engine_failed(self, endpoint: str, failure: EngineFailed) -> None:
        self._problem = failure.message

    def is_busy(self, endpoint: str) -> bool:
        return False

    def is_wanted(self, endpoint: str) -> bool:
        return True


def _loading(catalogue: Catalogue) -> bool:
    states = [one for one in catalogue.states(Role.ADMIN) if one.kind not in ("embedded", "local")]
    return any(one.state == "loading" for one in states)
