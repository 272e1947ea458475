"""One seed from its start to its verdict."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

from tests.chaos import checks
from tests.chaos.client import LOST, Users
from tests.chaos.faults import Faults
from tests.chaos.history import END, History
from tests.chaos.leaks import Leaks
from tests.chaos.plan import Plan, Plans
from tests.chaos.server import BrokenError, Server
from tests.chaos.upstream import Upstream
from tests.chaos.verdict import Verdict
from tests.chaos.watch import Watch

ACTIVE = 14  # jobs at once, at most: two cores must not be the fault
SETTLE_SECONDS = 150.0  # for what still runs or waits when the faults are over
LEAK_SECONDS = 45.0  # of the time of a round
LATE_SECONDS = 2.0


class Round:
    """Everything of one seed. `run` raises BrokenError for the first violation."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = Random(seed)
        self.plans = Plans(self.random)
        self.setting = self.plans.setting()
        self.jobs: dict[str, History] = {}
        self.step = 0
        canary = f"sk-canary-{seed:x}"
        self.note = f"keep-this-to-yourself-{seed:x}"
        self.rules = checks.Rules(self.setting, (canary,), self.note)
        self.upstreams = [Upstream(number, self.jobs) for number in range(self.setting.endpoints)]
        self._folder = folder
        self._canary = canary
        self._in_use: list[History] = []
        self._users_at_work: set[asyncio.Task[None]] = set()
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, seconds: float) -> str:
        """Run for about so long. Returns a summary."""
        started = time.monotonic()
        async with contextlib.AsyncExitStack() as stack:
            for upstream in self.upstreams:
                await stack.enter_async_context(upstream)
            urls = [upstream.url for upstream in self.upstreams]
            self.server = Server(self._folder, self.setting, urls, self._canary)
            stack.push_async_callback(self.server.stop_for_good)
            await self.server.start()
            self.users = Users(self.server, self.rules.secrets, self.note)
            stack.push_async_callback(self.users.close)
            self.watch = Watch(self.server)
            self.verdict = Verdict(self.server, self.users, self.rules)
            self.faults = Faults(self.random, self.server, self.upstreams, self.jobs, self._ask)
            stack.push_async_callback(self._stop_all)
            for work in (self.watch.tick(), self.watch.ping(), self._look_who_is_over()):
                _ = self._start(work)
            await self._watched(self._play(started, seconds))
        return self._summary()

    async def _play(self, started: float, seconds: float) -> None:
        chaos_seconds = max(seconds - LEAK_SECONDS, seconds / 3)
        arrivals = asyncio.create_task(self._arrive())
        try:
            while time.monotonic() < started + chaos_seconds:
                await asyncio.sleep(self.random.uniform(0.5, 3.0))
                self.step += 1
                await self.faults.one()
                await self.verdict.look_for_keys()
        finally:
            arrivals.cancel()
            await asyncio.wait([arrivals])
        await self._settle()
        judged = list(self.jobs.values())
        await self.verdict.judge(judged)
        await self._leaks()
        await self.verdict.judge([job for job in self.jobs.values() if job not in judged])

    async def _arrive(self) -> None:
        """New jobs, as long as not too many are open."""
        while True:
            await asyncio.sleep(self.random.uniform(0.0, 0.4))
            if sum(not job.over for job in self.jobs.values()) < ACTIVE:
                self._ask()

    def _ask(self) -> None:
        _ = self.begin(self.plans.plan())

    def begin(self, plan: Plan) -> asyncio.Task[None]:
        """Let the users of a job do what its plan says."""
        job = self.jobs[plan.tag] = History(plan)
        return self._start(self._use(job))

    async def _use(self, job: History) -> None:
        late = self.watch.late
        if not await self.users.submit(job):
            job.over = True  # it was lost before it was accepted: nobody knows of it
            del self.jobs[job.plan.tag]
            return
        self._in_use.append(job)
        work = [self.users.read(job, reader) for reader in job.plan.readers]
        if job.plan.stop is not None:
            work.append(self.users.stop(job, job.plan.stop))
        if job.plan.repost:
            work.append(self.users.post_again(job))
        await asyncio.gather(*work)
        self._in_use.remove(job)
        if self.watch.late - late > LATE_SECONDS:
            job.touched.add("slow")

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._users_at_work.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._users_at_work.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._failed.done():
            self._failed.set_exception(error)

    async def _watched(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work, unless one of the users or watchers fails."""
        task = asyncio.create_task(work)
        await asyncio.wait([task, self._failed], return_when=asyncio.FIRST_COMPLETED)
        if self._failed.done():
            task.cancel()
            await asyncio.wait([task])
            self._failed.result()
        await task

    async def _stop_all(self) -> None:
        for task in list(self._users_at_work):
            task.cancel()
        await asyncio.gather(*self._users_at_work, return_exceptions=True)
        if self._failed.done():
            self._failed.exception()

    async def _look_who_is_over(self) -> None:
        """Note the jobs that have their end in the store, whoever reads them."""
        while True:
            await asyncio.sleep(0.5)
            await self.server.up.wait()
            over = await self._ended()
            for job in self.jobs.values():
                job.over = job.over or job.job_id in over

    async def _ended(self) -> set[str]:
        end = f"{END[0]}-{END[1]}"
        with contextlib.suppress(*LOST):
            status, told, _ = await self.users.request("GET", "/api/jobs?limit=500")
            if status == 200:
                return {one["id"] for one in told["items"] if one["last_event_id"] == end}
        return set()

    async def _settle(self) -> None:
        """Wait until all jobs are over and all readers have their end (I2)."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while waiting := self._waiting():
            if time.monotonic() > deadline:
                told = "\n".join(job.describe() for job in waiting[:5])
                raise BrokenError(f"I2: {len(waiting)} jobs or readers do not end\n{told}")
            await asyncio.sleep(0.1)

    def _waiting(self) -> list[History]:
        found = [job for job in self.jobs.values() if not job.over]
        return found or self._in_use

    async def _leaks(self) -> None:
        leaks = Leaks(self.server)
        await self._calm_load(3, embedded=True)  # it stays loaded
        await self._calm_load(6)
        await leaks.remember()
        load = asyncio.create_task(self._calm_load(30))
        for _ in range(3):
            await asyncio.sleep(1.0)
            await self.faults.one(server_too=False)
        await load
        await self.users.close_connections()
        await leaks.check()

    async def _calm_load(self, count: int, *, embedded: bool = False) -> None:
        free = asyncio.Semaphore(ACTIVE // 2)

        async def one() -> None:
            async with free:
                await self.begin(self.plans.plan(calm=True, embedded=embedded or None))

        await asyncio.gather(*(one() for _ in range(count)))
        await self._settle()

    def _summary(self) -> str:
        ends: Counter[str] = Counter()
        for job in self.jobs.values():
            if job.stored:
                data = job.stored[-1].data
                ends[data.get("code") or data["finish_reason"]] += 1
        readers = sum(len(job.readers) for job in self.jobs.values())
        return (
            f"{len(self.jobs)} jobs, {readers} readers, {self.users.refused} refused,"
            f" {self.users.lost} lost on their way; {self.setting}\n"
            f"  faults {dict(self.faults.counts)}; slowest health {self.watch.worst_reply:.2f} s;"
            f" late {self.watch.late:.1f} s\n  ends {dict(ends.most_common())}"
        )
