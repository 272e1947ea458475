"""The engines of this server: which models are in memory, and which of them makes room for another.

Memory comes back for certain only when a process ends. So each loaded model has a process of its
own; one that was not asked for a while ends, and so does the one that was not used for the longest
time where another one needs its place. One that answers is never ended for that: it takes no new
questions, and goes when it has answered those it has.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from llmchat.domain.messages import EngineFailed
from llmchat.jobs.engine import Engine


class Demand(Protocol):
    """Who wants answers of a model, by the name of its endpoint."""

    def is_busy(self, endpoint: str) -> bool:
        """Whether it is answering."""
        ...

    def is_wanted(self, endpoint: str) -> bool:
        """Whether questions wait for it."""
        ...


class Watcher(Protocol):
    """Who is told what becomes of the engines."""

    def on_engine_ready(self, engine: Engine) -> None:
        """It can take jobs now, at a new address."""
        ...

    def on_engine_loading(self, engine: Engine) -> None:
        """More of it is in memory."""
        ...

    def on_engine_lost(self, engine: Engine, reason: str) -> None:
        """Its process died."""
        ...

    def on_engine_failed(self, engine: Engine, failure: EngineFailed) -> None:
        """It cannot be loaded."""
        ...

    def on_room(self) -> None:
        """A model has left memory: another one may be loaded now."""
        ...


class Engines:
    """At most `most` of them are in memory; each leaves it after `idle_seconds` without a question,
    if that is not 0. `free_bytes` tells what memory is free, if that is to be known.
    """

    def __init__(
        self,
        demand: Demand,
        watcher: Watcher,
        *,
        most: int,
        idle_seconds: float,
        free_bytes: Callable[[], int | None],
    ) -> None:
        self._demand = demand
        self._watcher = watcher
        self._most = most
        self._idle_seconds = idle_seconds
        self._free_bytes = free_bytes
        self._all: dict[str, Engine] = {}
        self._leaving: Engine | None = None  # takes no new questions, to make room
        self._next: Engine | None = None  # has the first claim to the room that is made
        self._unloading: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __iter__(self) -> Iterator[Engine]:
        return iter(self._all.values())

    def get(self, name: str) -> Engine | None:
        """The engine of an endpoint."""
        return self._all.get(name)

    def add(self, engine: Engine) -> None:
        """Have one more that can be needed."""
        self._all[engine.name] = engine

    def slots(self, name: str) -> int:
        """How many questions a model can take at once now; asking for it has it loaded."""
        engine = self._all[name]
        self.need(engine)
        if engine.endpoint is None or engine is self._makes_room():
            return 0
        return engine.slots

    def is_loading(self, name: str) -> bool:
        """Whether it takes none since it is being loaded."""
        return self._all[name].state == "loading"

    def need(self, engine: Engine) -> None:
        """Have a model loaded, as soon as there is room for it."""
        engine.used = time.monotonic()
        if engine.state == "off" and self._make_room(engine):
            if engine is self._next:
                self._next = self._leaving = None
            engine.need()

    def expect(self, engine: Engine) -> None:
        """A question will come soon: have a model loaded, unless another one would have to go."""
        loaded = [one for one in self._all.values() if one.state != "off"]
        if engine.state == "off" and len(loaded) < self._most and self._fits(engine, loaded):
            engine.used = time.monotonic()
            engine.need()

    def rest(self, name: str) -> None:
        """A model has answered all that it was asked."""
        if (engine := self._all.get(name)) is not None:
            engine.used = time.monotonic()
            # Not at once: who tells this is in the middle of giving the next job away.
            asyncio.get_running_loop().call_soon(self._look)

    def dismiss(self, name: str) -> None:
        """Have a model leave memory if nobody needs it: its file has gone."""
        engine = self._all.get(name)
        if engine is not None and engine.state == "ready" and not self._is_in_use(engine):
            self._unload(engine)

    async def unload(self, name: str) -> None:
        """Have a model leave memory, and return when it has."""
        engine = self._all.get(name)
        if engine is not None and engine.state not in ("off", "closing"):
            self._unload(engine)
        while self._unloading and engine is not None and engine.state == "closing":
            await asyncio.wait(self._unloading, return_when=asyncio.FIRST_COMPLETED)

    async def close(self) -> None:
        """End all processes."""
        if self._timer is not None:
            self._timer.cancel()
        await asyncio.gather(*(engine.close() for engine in self._all.values()), *self._unloading)

    def on_ready(self, engine: Engine) -> None:
        """Keeper of the engines, as the next four."""
        engine.used = time.monotonic()
        self._watcher.on_engine_ready(engine)
        self._set_timer()
        # Who waits for its place could not be noted before it had something to do.
        asyncio.get_running_loop().call_soon(self._watcher.on_room)

    def on_loading(self, engine: Engine) -> None:
        self._watcher.on_engine_loading(engine)

    def on_lost(self, engine: Engine, reason: str) -> None:
        self._watcher.on_engine_lost(engine, reason)
        asyncio.get_running_loop().call_soon(self._watcher.on_room)

    def on_failed(self, engine: Engine, failure: EngineFailed) -> None:
        self._watcher.on_engine_failed(engine, failure)

    def is_needed(self, engine: Engine) -> bool:
        """Nobody waits for the start of the embedded one as such: it is there for the next one."""
        return engine.kind == "embedded" or self._demand.is_wanted(engine.name)

    def _make_room(self, engine: Engine) -> bool:
        """Whether a model can be loaded now. If not, another one goes, and `on_room` tells when."""
        loaded = [one for one in self._all.values() if one.state != "off"]
        if self._unloading or self._claimant() not in (None, engine):
            return False
        if len(loaded) < self._most and self._fits(engine, loaded):
            return True
        victim = min(loaded, key=lambda one: (self._is_in_use(one), one.used))
        if not self._is_in_use(victim):
            self._next = engine
            self._unload(victim)
        elif self._demand.is_busy(victim.name):  # each answers something before it goes
            self._leaving, self._next = victim, engine
        return False

    def _claimant(self) -> Engine | None:
        """The model that room is made for, as long as somebody waits for it."""
        engine = self._next
        if engine is not None and engine.state == "off" and self._demand.is_wanted(engine.name):
            return engine
        return None

    def _fits(self, engine: Engine, loaded: list[Engine]) -> bool:
        """Whether there is memory for it beside the others. Alone, its process decides."""
        free = self._free_bytes() if loaded and engine.needed_bytes else None
        # The weights of the others count as free: they are in the cache of the system.
        weights = sum(one.file_bytes for one in loaded)
        return free is None or engine.needed_bytes <= free - weights

    def _is_in_use(self, engine: Engine) -> bool:
        if self._demand.is_busy(engine.name):
            return True
        return self._demand.is_wanted(engine.name) and engine is not self._makes_room()

    def _makes_room(self) -> Engine | None:
        """The model that takes no more questions, since another one is waited for."""
        return self._leaving if self._claimant() is not None else None

    def _look(self) -> None:
        """End what has nothing to do and is to go."""
        engine = self._makes_room()
        if engine is not None and not self._demand.is_busy(engine.name):
            self._unload(engine)
        now = time.monotonic()
        for one in list(self._idle()):
            if one.used + self._idle_seconds <= now:
                self._unload(one)
        self._set_timer()

    def _idle(self) -> Iterator[Engine]:
        if not self._idle_seconds:
            return
        for engine in self._all.values():
            name = engine.name
            used = self._demand.is_busy(name) or self._demand.is_wanted(name)
            if engine.state == "ready" and not used:
                yield engine

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        ends = [engine.used + self._idle_seconds for engine in self._idle()]
        if ends:
            delay = max(0.0, min(ends) - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._look)

    def _unload(self, engine: Engine) -> None:
        engine.state = "closing"  # from now on nobody is sent there
        engine.endpoint = None
        if engine is self._leaving:
            self._leaving = None
        task = asyncio.create_task(engine.unload(), name=f"unloading {engine.name}")
        self._unloading.add(task)
        task.add_done_callback(self._unloaded)

    def _unloaded(self, task: asyncio.Task[None]) -> None:
        self._unloading.discard(task)
        if not task.cancelled():
            self._watcher.on_room()
