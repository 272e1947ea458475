"""The kill schedule: what is done to the processes, and which jobs it may touch."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from random import Random

from tests.chaos import processes
from tests.chaos.history import History
from tests.chaos.server import BrokenError, Server
from tests.chaos.stores import locked
from tests.chaos.upstream import Upstream
from tests.system.program import alive

# More restarts than these in a minute are delayed; a job would only wait.
KILLS_A_MINUTE = 4
HUNG_SECONDS = 45.0  # ten are promised; the rest is for a busy machine
STARTED_SECONDS = 5.0  # a worker that has not reported yet may take a minute


class Faults:
    """Does one fault after the other. `jobs` are all jobs of the round, `ask_more` begins one."""

    def __init__(
        self,
        random: Random,
        server: Server,
        upstreams: list[Upstream],
        jobs: dict[str, History],
        ask_more: Callable[[], object],
    ) -> None:
        self._random = random
        self._server = server
        self._upstreams = upstreams
        self._jobs = jobs
        self._ask_more = ask_more
        self._kills: deque[float] = deque()
        self.counts: Counter[str] = Counter()
        self.now = "nothing"

    async def one(self, *, server_too: bool = True) -> None:
        """The next fault, drawn; what cannot be done now is left out."""
        kinds: dict[Callable[[], Awaitable[bool]], int] = {
            self.kill_worker: 8,
            self.pause_worker: 3,
            self.hang_worker: 1,
            self.kill_engine: 3,
            self.lock_store: 2,
            **(self._of_the_server() if server_too else {}),
        }
        (kind,) = self._random.choices(list(kinds), list(kinds.values()))
        self.now = kind.__name__
        if await kind():
            self.counts[self.now] += 1
        self._server.check_alive()

    def _of_the_server(self) -> dict[Callable[[], Awaitable[bool]], int]:
        return {self.kill_server: 4, self.kill_locked_server: 3, self.terminate_server: 2}

    async def kill_worker(self) -> bool:
        """SIGKILL."""
        pid = self._victim()
        if pid is None:
            return False
        self._touch("worker", spared=self._others(pid))
        _signal(pid, signal.SIGKILL)
        return True

    async def pause_worker(self) -> bool:
        """SIGSTOP, and SIGCONT before it counts as hung."""
        workers = self._server.workers()
        if not workers:
            return False
        pid = self._random.choice(workers)
        self._touch("worker")
        _signal(pid, signal.SIGSTOP)
        await asyncio.sleep(self._random.uniform(0.2, 2.0))
        _signal(pid, signal.SIGCONT)
        return True

    async def hang_worker(self) -> bool:
        """SIGSTOP for good: the server must kill it."""
        pid = self._victim()
        if pid is None or processes.age_seconds(pid) < STARTED_SECONDS:
            return False
        _signal(pid, signal.SIGSTOP)
        deadline = time.monotonic() + HUNG_SECONDS
        while alive(pid):
            self._touch("worker")
            if time.monotonic() > deadline:
                raise BrokenError("I2: a worker that hangs is not killed")
            await asyncio.sleep(0.2)
        return True

    async def kill_engine(self) -> bool:
        """SIGKILL of the embedded model."""
        pid = self._server.engine()
        if pid is None:
            return False
        self._touch("engine")
        _signal(pid, signal.SIGKILL)
        return True

    async def lock_store(self) -> bool:
        """Keep the data file, as a backup may, for less than the server waits."""
        async with locked(self._server.data):
            await asyncio.sleep(self._random.uniform(0.1, 2.0))
        return True

    async def kill_locked_server(self) -> bool:
        """SIGKILL while nothing can be stored: what was seen must have been stored before."""
        async with locked(self._server.data):
            await asyncio.sleep(self._random.uniform(0.1, 1.0))
            self._touch_by_server(1)
            await self._server.kill()
        return await self._start_again()

    async def kill_server(self) -> bool:
        """SIGKILL while questions are on their way, and another start."""
        for _ in range(self._random.randint(0, 3)):
            self._ask_more()
        await asyncio.sleep(self._random.uniform(0.0, 0.02))
        self._touch_by_server(1)
        await self._server.kill()
        return await self._start_again()

    async def terminate_server(self) -> bool:
        """SIGTERM, and another start."""
        self._touch_by_server(1)
        await self._server.terminate()
        return await self._start_again()

    async def _start_again(self) -> bool:
        await asyncio.sleep(self._random.choice((0.0, 0.5)))
        self._touch_by_server(0)  # those who came meanwhile
        self._kills.clear()
        await self._server.start()
        return True

    def _victim(self) -> int | None:
        """A worker that may be killed now."""
        now = time.monotonic()
        while self._kills and self._kills[0] < now - 60:
            self._kills.popleft()
        workers = self._server.workers()
        if not workers or len(self._kills) >= KILLS_A_MINUTE:
            return None
        self._kills.append(now)
        return self._random.choice(workers)

    def _others(self, victim: int) -> set[str]:
        """The jobs that get their text by another worker: they must not notice (I8)."""
        others = [pid for pid in self._server.workers() if pid != victim]
        ports = set[int]().union(*(processes.ports(pid) for pid in others))
        return set[str]().union(*(one.streaming(ports) for one in self._upstreams))

    def _touch(self, kind: str, spared: Iterable[str] = ()) -> None:
        for tag, job in self._jobs.items():
            if not job.over and tag not in set(spared):
                job.touched.add(kind)

    def _touch_by_server(self, kills: int) -> None:
        self._touch("server")
        for job in self._jobs.values():
            if not job.over:
                job.server_kills += kills


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
