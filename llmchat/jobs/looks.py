"""What people ask a worker to look at: whether an endpoint works, and what runs on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from llmchat.domain.endpoint import Endpoint
from llmchat.domain.messages import Discover, Discovered, Tried, TryEndpoint
from llmchat.domain.trial import TRIALS, Verdict
from llmchat.jobs.pool import WorkerPool

WORKER_SECONDS = 10.0
LOOK_SECONDS = 30.0  # a trial has limits of its own, which are shorter
_NOTHING = Discovered((), ())
Answer = TypeVar("Answer")


@dataclass(slots=True)
class _Asked(Generic[Answer]):
    slot: int
    future: asyncio.Future[Answer]


@dataclass(slots=True)
class Looks:
    """Each look waits for the answer of one worker, and not for ever."""

    workers: WorkerPool[Any]
    own_port: int = 0
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _trials: dict[int, _Asked[Verdict]] = field(default_factory=dict)
    _there: asyncio.Event = field(default_factory=asyncio.Event)
    _searches: list[_Asked[Discovered]] = field(default_factory=list)

    async def try_endpoint(self, endpoint: Endpoint) -> Verdict:
        """The verdict of a worker."""
        failed = Verdict("trial-no-worker", TRIALS["trial-no-worker"])
        if not await self._is_worker_there():
            return failed
        number = next(self._numbers)
        asked: _Asked[Verdict] = self._ask()
        self._trials[number] = asked
        self.workers.put(asked.slot, TryEndpoint(number, endpoint))
        try:
            return await self._answer(asked, failed)
        finally:
            del self._trials[number]

    async def look_around(self) -> Discovered:
        """What answers on this machine; nothing if no worker can look."""
        if not await self._is_worker_there():
            return _NOTHING
        asked: _Asked[Discovered] = self._ask()
        self._searches.append(asked)
        self.workers.put(asked.slot, Discover(self.own_port))
        try:
            return await self._answer(asked, _NOTHING)
        finally:
            self._searches.remove(asked)

    def tried(self, report: Tried) -> None:
        """A worker has tried an endpoint."""
        if (asked := self._trials.get(report.number)) is not None:
            _settle(asked, report.verdict)

    def found(self, report: Discovered) -> None:
        """A worker has looked around, whoever asked for it."""
        for asked in self._searches:
            _settle(asked, report)

    def came(self) -> None:
        """A worker is up."""
        self._there.set()

    def lost(self, slot: int) -> None:
        """A worker died, with what it was asked for."""
        if not self.workers.up:
            self._there.clear()
        everything: list[_Asked[Any]] = [*self._trials.values(), *self._searches]
        for asked in everything:
            if asked.slot == slot:
                asked.future.cancel()

    async def _is_worker_there(self) -> bool:
        """Wait a while for one that is being started."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WORKER_SECONDS):
                await self._there.wait()
        return bool(self.workers.up)

    def _ask(self) -> _Asked[Any]:
        return _Asked(min(self.workers.up), asyncio.get_running_loop().create_future())

    async def _answer(self, asked: _Asked[Answer], otherwise: Answer) -> Answer:
        done, _ = await asyncio.wait([asked.future], timeout=LOOK_SECONDS)
        return asked.future.result() if done and not asked.future.cancelled() else otherwise


def _settle(asked: _Asked[Answer], result: Answer) -> None:
    if not asked.future.done():
        asked.future.set_result(result)
