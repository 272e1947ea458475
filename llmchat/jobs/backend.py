"""The processes behind the jobs, and what is known of the endpoints that they speak to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from llmchat.config import Settings
from llmchat.domain.endpoint import EMBEDDED, Configured, Endpoint, Model
from llmchat.domain.messages import (
    Discover,
    Discovered,
    JobEvents,
    Listed,
    ListModels,
    RemoveEndpoint,
    Report,
    SetEndpoint,
    Tried,
)
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.engine import Engine
from llmchat.jobs.looks import Looks
from llmchat.jobs.pool import WorkerPool
from llmchat.jobs.supervisor import Child, RestartPolicy

LISTS_STALE_SECONDS = 15.0
CHOICE_SECONDS = 5.0  # how long the first question may wait for the choice of an endpoint

log = logging.getLogger(__name__)


class Listener(Protocol):
    """Who is told what happens to the processes."""

    def on_ready(self) -> None:
        """A worker, or an endpoint, can take jobs now."""
        ...

    def on_events(self, report: JobEvents) -> None:
        """A worker has events of a job."""
        ...

    def hold(self) -> Awaitable[None] | None:
        """What to await before more events are taken, if they come faster than they are stored."""
        ...

    def on_worker_lost(self, slot: int, reason: str) -> None:
        """A worker died, with all that it was doing."""
        ...

    def on_engine_lost(self, reason: str) -> None:
        """The embedded model's process died."""
        ...

    def on_engine_failed(self, message: str) -> None:
        """The embedded model cannot be loaded."""
        ...


class Backend:
    """`worker` and `engine` are what to spawn; `embedded` is the model that the engine serves.
    `expecting`: further endpoints will come by `configure`.
    """

    def __init__(
        self,
        settings: Settings,
        listener: Listener,
        *,
        worker: Child[Any],
        workers: int,
        engine: Child[Any] | None,
        embedded: Model | None,
        policy: Callable[[], RestartPolicy],
        expecting: bool = False,
    ) -> None:
        self._listener = listener
        self._endpoint_slots = settings.endpoint_slots
        self._embedded_slots = settings.embedded_slots  # more would wait inside the engine, unseen
        self._discover = settings.discover and not settings.base_urls
        self._catalogue = Catalogue(settings, embedded, expecting=expecting)
        self._chosen = asyncio.Event()
        self._complete = asyncio.Event()
        self._asked = float("-inf")
        self._own_port = 0
        self._expecting = False
        self.workers = WorkerPool(
            worker,
            workers,
            on_up=self._worker_up,
            on_report=self._report,
            on_death=self._worker_lost,
            hold=listener.hold,
            policy=policy,
        )
        self.looks = Looks(self.workers)
        self._engine: Engine[Any] | None = None
        if engine is not None:
            self._engine = Engine(
                engine,
                on_ready=self._engine_ready,
                on_lost=listener.on_engine_lost,
                on_failed=listener.on_engine_failed,
                policy=policy(),
            )

    def start(self, own_port: int) -> None:
        """Spawn the workers. `own_port` is never asked for models."""
        self._own_port = self.looks.own_port = own_port
        self.workers.start()
        self._note_choice()

    async def close(self) -> None:
        """End every process."""
        engines = [self._engine.close()] if self._engine else []
        await asyncio.gather(self.workers.close(), *engines)

    def expect(self) -> None:
        """A question will come soon: load the embedded model now, if it is the one to answer."""
        self._expecting = True
        default = self._catalogue.default
        if default is not None and default.endpoint == EMBEDDED and self._engine is not None:
            self._engine.need()

    def catalogue(self) -> Catalogue:
        """What can answer, from memory; a list that is old is asked for again in the background."""
        self._ask_for_models()
        return self._catalogue

    async def choice(self) -> Catalogue:
        """The catalogue once it knows which endpoint answers, or after some seconds anyway."""
        if not self._catalogue.ready and not await _happens(self._chosen):
            # The endpoint may be a black hole: the job will end with what is wrong.
            log.warning("no endpoint has answered yet")
        return self._catalogue

    async def lists(self) -> Catalogue:
        """The catalogue once all endpoints have answered, or after some seconds anyway."""
        self._ask_for_models()
        if not self._catalogue.complete:
            await _happens(self._complete)
        return self._catalogue

    def slots_of(self, endpoint: str) -> int:
        """How many jobs of an endpoint may run at once; asking for the engine starts it."""
        if endpoint != EMBEDDED or self._engine is None:
            known = self._catalogue.endpoint(endpoint)
            return (known and known.slots) or self._endpoint_slots
        self._engine.need()
        return self._embedded_slots if self._engine.endpoint else 0

    def configure(self, further: Sequence[Configured]) -> None:
        """Have these endpoints beside those of the settings from now on. Answers that are being
        made go on as they began.
        """
        changed, gone = self._catalogue.configure(further)
        for name in gone:
            self.workers.broadcast(RemoveEndpoint(name))
        for endpoint in changed:
            self.workers.broadcast(SetEndpoint(endpoint))
        if changed or gone:
            self._asked = float("-inf")
        self._note_choice()
        self._ask_for_models()
        self._listener.on_ready()

    def is_loading(self, endpoint: str) -> bool:
        """Whether an endpoint takes no jobs since its model is not in memory yet."""
        return endpoint == EMBEDDED and self._engine is not None and not self._engine.endpoint

    def pids(self) -> Mapping[str, Sequence[int]]:
        """The process ids of the living children, by what they are."""
        engine = [self._engine.pid] if self._engine else []
        children = {"worker": self.workers.pids(), "engine": engine}
        return {name: [pid for pid in pids if pid] for name, pids in children.items()}

    def _worker_up(self, slot: int) -> None:
        endpoints = self._catalogue.endpoints()
        if self._engine and self._engine.endpoint:
            endpoints.append(self._engine.endpoint)
        for endpoint in endpoints:
            self.workers.put(slot, SetEndpoint(endpoint))
        if not self._catalogue.ready:
            self._asked = float("-inf")  # a worker that died may have taken the question with it
        self._ask_for_models()
        self.looks.came()
        self._listener.on_ready()

    def _worker_lost(self, slot: int, reason: str) -> None:
        self.looks.lost(slot)
        self._listener.on_worker_lost(slot, reason)

    def _report(self, report: Report) -> None:
        match report:
            case JobEvents():
                self._listener.on_events(report)
            case Listed(listing):
                self._catalogue.learn(listing)
                self._note_choice()
            case Discovered():
                self.looks.found(report)
                if self._discover:
                    for endpoint in self._catalogue.discovered(report):
                        self.workers.broadcast(SetEndpoint(endpoint))
                    self._note_choice()
            case Tried():
                self.looks.tried(report)
            case _:
                log.error("unexpected report %s", type(report).__name__)

    def _engine_ready(self, endpoint: Endpoint) -> None:
        self.workers.broadcast(SetEndpoint(endpoint))
        self._listener.on_ready()

    def _ask_for_models(self) -> None:
        """Have a worker ask all endpoints, unless that was done a short while ago."""
        now = time.monotonic()
        if not self.workers.up or now - self._asked < LISTS_STALE_SECONDS:
            return
        self._asked = now
        slot = min(self.workers.up)
        for endpoint in self._catalogue.endpoints():
            self.workers.put(slot, ListModels(endpoint.name))
        if self._discover:
            self.workers.put(slot, Discover(self._own_port))

    def _note_choice(self) -> None:
        if self._catalogue.complete:
            self._complete.set()
        if self._catalogue.ready:
            self._chosen.set()
            if self._expecting:
                self.expect()


async def _happens(event: asyncio.Event) -> bool:
    """Wait for it, not longer than somebody wants to wait for an answer."""
    try:
        async with asyncio.timeout(CHOICE_SECONDS):
            await event.wait()
    except TimeoutError:
        return False
    return True
