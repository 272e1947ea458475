"""The processes behind the jobs, and what is known of the endpoints that they speak to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from llmchat.config import Settings
from llmchat.domain.access import Role
from llmchat.domain.endpoint import (
    EMBEDDED,
    Configured,
    EndpointKind,
    Model,
    local_endpoint,
)
from llmchat.domain.messages import (
    Discover,
    Discovered,
    EngineFailed,
    JobEvents,
    Listed,
    ListModels,
    RemoveEndpoint,
    Report,
    SetEndpoint,
    Tried,
)
from llmchat.domain.modelfile import ModelFile
from llmchat.jobs.catalogue import Catalogue
from llmchat.jobs.engine import Engine, EngineState
from llmchat.jobs.engines import Engines
from llmchat.jobs.local import LocalModels
from llmchat.jobs.looks import Looks
from llmchat.jobs.pool import WorkerPool
from llmchat.jobs.supervisor import Child, RestartPolicy
from llmchat.modelfiles.folder import Found
from llmchat.modelfiles.memory import available_bytes

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

    def on_engine_loading(self, endpoint: str) -> None:
        """More of its model is in memory."""
        ...

    def on_engine_lost(self, endpoint: str, title: str, reason: str) -> None:
        """The process of a model died."""
        ...

    def on_engine_failed(self, endpoint: str, failure: EngineFailed) -> None:
        """A model cannot be loaded."""
        ...

    def is_busy(self, endpoint: str) -> bool:
        """Whether jobs of an endpoint run."""
        ...

    def is_wanted(self, endpoint: str) -> bool:
        """Whether jobs of an endpoint wait."""
        ...


class Backend:
    """`worker` and `engine` are what to spawn; `embedded` is the model that the engine serves, and
    `local` what is to be had of the folder of models. `expecting`: further endpoints will come by
    `configure`.
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
        local: LocalModels,
        policy: Callable[[], RestartPolicy],
        expecting: bool = False,
    ) -> None:
        self._listener = listener
        self._settings = settings
        self._policy = policy
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
        self.engines = Engines(
            listener,
            self,
            most=settings.models_loaded,
            idle_seconds=settings.model_idle_seconds,
            free_bytes=available_bytes,
        )
        if engine is not None:
            # More slots than it has would let questions wait inside the engine, unseen.
            self._add_engine(EMBEDDED, "embedded", engine, settings.embedded_slots)
        self.local = local
        local.on_found = self._local_found

    def start(self, own_port: int) -> None:
        """Spawn the workers. `own_port` is never asked for models."""
        self._own_port = self.looks.own_port = own_port
        self.workers.start()
        self.local.start()
        self._note_choice()

    async def close(self) -> None:
        """End every process."""
        await asyncio.gather(self.workers.close(), self.engines.close(), self.local.close())

    def expect(self) -> None:
        """A question will come soon: load the model that is to answer, if it is one of ours."""
        # Once only: a model that has left memory since then is not loaded for a list that comes in.
        self._expecting = not self._catalogue.ready
        default = self._catalogue.default
        engine = self.engines.get(default.endpoint) if default is not None else None
        if engine is not None:
            self.engines.expect(engine)

    def catalogue(self) -> Catalogue:
        """What can answer, from memory; a list that is old is asked for again in the background."""
        self._ask_for_models()
        return self._catalogue

    async def choice(self, model: str | None = None) -> Catalogue:
        """The catalogue once it knows which endpoint answers, or after some seconds anyway.

        For a `model` that it does not know, the folder of models is looked at once more.
        """
        await self.local.first_look()
        known = self._catalogue.models(role=Role.ADMIN)
        if model is not None and not any(one.id == model for one in known):
            await self.local.look()
        if not self._catalogue.ready and not await _happens(self._chosen):
            # The endpoint may be a black hole: the job will end with what is wrong.
            log.warning("no endpoint has answered yet")
        return self._catalogue

    async def lists(self) -> Catalogue:
        """The catalogue once all endpoints have answered, or after some seconds anyway."""
        self._ask_for_models()
        await self.local.first_look()
        if not self._catalogue.complete:
            await _happens(self._complete)
        return self._catalogue

    def slots_of(self, endpoint: str) -> int:
        """How many jobs of an endpoint may run at once; asking for one of ours starts it."""
        if self.engines.get(endpoint) is None:
            known = self._catalogue.endpoint(endpoint)
            return (known and known.slots) or self._settings.endpoint_slots
        return self.engines.slots(endpoint)

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
        return self.engines.get(endpoint) is not None and self.engines.is_loading(endpoint)

    def progress_of(self, endpoint: str) -> float | None:
        """How much of a model is in memory already, where that is known."""
        engine = self.engines.get(endpoint)
        return None if engine is None else engine.progress

    def engine_state(self, endpoint: str) -> EngineState:
        """Whether a model of ours is in memory."""
        engine = self.engines.get(endpoint)
        return "off" if engine is None else engine.state

    def pids(self) -> Mapping[str, Sequence[int]]:
        """The process ids of the living children, by what they are."""
        engines = [engine.pid for engine in self.engines]
        children = {"worker": self.workers.pids(), "engine": engines}
        return {name: [pid for pid in pids if pid] for name, pids in children.items()}

    def on_engine_ready(self, engine: Engine) -> None:
        """Watcher of the engines, as the next four."""
        if engine.endpoint is not None:
            self.workers.broadcast(SetEndpoint(engine.endpoint))
        self._listener.on_ready()

    def on_engine_loading(self, engine: Engine) -> None:
        self._listener.on_engine_loading(engine.name)

    def on_engine_lost(self, engine: Engine, reason: str) -> None:
        self._listener.on_engine_lost(engine.name, engine.title, reason)

    def on_engine_failed(self, engine: Engine, failure: EngineFailed) -> None:
        self._listener.on_engine_failed(engine.name, failure)

    def on_room(self) -> None:
        self._listener.on_ready()

    def _local_found(self, found: Found) -> None:
        """Have an engine for each file. One whose file has changed takes the new one when it is
        loaded again, one whose file has gone leaves memory when it has nothing to do.
        """
        before = {engine.name for engine in self.engines if engine.kind == "local"}
        self._catalogue.set_local(found.models)
        for file in found.models:
            name = local_endpoint(file.id)
            engine = self.engines.get(name) or self._add_local(name)
            engine.file_bytes = file.size_bytes
            engine.needed_bytes = self.local.needed_bytes(file)
        for name in before - {local_endpoint(file.id) for file in found.models}:
            self.engines.dismiss(name)
        self._note_choice()

    def _add_local(self, name: str) -> Engine:
        child = self.local.child(partial(self._file_of, name))
        return self._add_engine(name, "local", child, self._settings.model_slots)

    def _file_of(self, name: str) -> ModelFile | None:
        return self._catalogue.model_file(name)

    def _add_engine(self, name: str, kind: EndpointKind, child: Child[Any], slots: int) -> Engine:
        engine = Engine(name, kind, child, self.engines, slots=slots, policy=self._policy())
        self.engines.add(engine)
        return engine

    def _worker_up(self, slot: int) -> None:
        endpoints = self._catalogue.endpoints()
        endpoints += [engine.endpoint for engine in self.engines if engine.endpoint is not None]
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
