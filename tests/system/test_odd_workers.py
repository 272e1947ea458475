"""What a worker can do to the server besides dying: nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from llmchat import listener
from llmchat.app import make_children
from llmchat.config import load_settings
from llmchat.domain.job import JobId
from llmchat.jobs.service import JobService
from llmchat.jobs.supervisor import Child, RestartPolicy
from llmchat.server.app import make_runner, make_web_app
from llmchat.storage.database import Database
from llmchat.storage.files import FileStore
from llmchat.storage.jobs import JobStore
from tests.system import odd_workers
from tests.system.conftest import ASSETS, Client

# A longest answer, as quickly as the pipe takes it (SECURITY.md 3.3).
FLOOD_GROWTH_BYTES = 32 * 1024 * 1024
Start = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start a server with one worker of another kind."""

    @contextlib.asynccontextmanager
    async def start(
        entry: Callable[..., None],
        make_config: Callable[[], Any] = lambda: None,
        policy: Callable[[], RestartPolicy] = lambda: RestartPolicy(intensity=1000),
    ) -> AsyncIterator[Client]:
        environment = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "DEFAULT_MODEL": "m"}
        settings = load_settings({}, environment, {"LLMCHAT_DATA_DIR": str(tmp_path)})
        database = Database.open(tmp_path / "llmchat.db")
        child = Child("worker", entry, make_config, start_seconds=60.0, silence_seconds=60.0)
        service = JobService(
            settings,
            JobStore(database),
            worker=child,
            workers=1,
            engine=None,
            embedded=None,
            local=make_children(settings).local,
            policy=policy,
        )
        files = FileStore(database, tmp_path / "files")
        sockets = listener.bind("127.0.0.1", 0)
        service.start(own_port=0)
        runner = make_runner(make_web_app(settings, service, ASSETS, files=files))
        await runner.setup()
        await web.SockSite(runner, sockets[0]).start()
        async with aiohttp.ClientSession() as session:
            yield Client(listener.url_of(sockets[0]), session, service)
        await service.close()
        await runner.cleanup()
        await database.close()

    return start


async def test_a_worker_that_dies_before_it_tells_the_end_leaves_text_that_may_be_complete(
    start: Start,
) -> None:
    async with start(odd_workers.dies_before_the_end_is_told) as client:
        answer = await client.ask()
    assert (answer.text, answer.last[1]["code"]) == ("all of it", "worker-crashed")
    assert "may be complete" in answer.last[1]["message"]


async def test_an_end_that_was_told_stands_when_its_worker_dies(start: Start) -> None:
    async with start(odd_workers.dies_after_the_end_is_told) as client:
        answer = await client.ask()
        pid = await client.worker_pid()
        while client.service.pids()["worker"] == [pid]:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.02)
        again = await client.read(answer_id(client))
    assert (answer.text, answer.last[0]) == ("all of it", "done")
    assert again.events == answer.events


def answer_id(client: Client) -> str:
    [record] = client.service._records._by_id
    return record


@pytest.mark.timeout(120)
async def test_a_worker_that_floods_costs_the_server_little_memory(start: Start) -> None:
    async with start(odd_workers.floods) as client:
        await client.worker_pid()
        before, highest = _memory_bytes(), 0
        job_id = await client.submit()
        while (await client.service.view("", JobId(job_id))).state != "done":
            highest = max(highest, _memory_bytes())
            await asyncio.sleep(0.02)
    assert highest - before < FLOOD_GROWTH_BYTES


async def test_what_a_worker_prints_is_no_report(
    start: Start, capfd: pytest.CaptureFixture[str]
) -> None:
    async with start(odd_workers.talks) as client:
        answer = await client.ask()
    assert (answer.text, answer.last[0]) == ("what it says", "done")
    assert "noise" in capfd.readouterr().err


async def test_when_no_worker_can_start_the_server_stays_and_says_why(start: Start) -> None:
    async with start(odd_workers.never_starts, policy=RestartPolicy) as client:
        waiting = await client.submit("asked too early")
        reason = await _failing(client)
        used, since = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
        body = {"messages": [{"role": "user", "content": "hi"}]}
        async with client.session.post(f"{client.url}/chat", json=body) as reply:
            told = await reply.json()
            assert (reply.status, told["code"]) == (503, "no-worker")
            assert "exit code 1" in told["detail"]
            assert int(reply.headers["Retry-After"]) > 0
        async with client.session.get(f"{client.url}/health/live") as reply:
            assert reply.status == 200
        await asyncio.sleep(2.0)  # it must not spin
        now = resource.getrusage(resource.RUSAGE_SELF)
        busy = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
        assert busy / (time.monotonic() - since) < 0.2  # 0.05 on a machine of one's own
        assert "exit code 1" in reason
        assert await client.stop(waiting) == 204


async def _failing(client: Client) -> str:
    while True:
        ready = await client.get("/health/ready")
        if (reason := ready["missing"]["worker"]) != "starting":
            return str(reason)
        await asyncio.sleep(0.02)


async def test_a_worker_that_cannot_be_spawned_is_tried_again_and_nothing_is_lost(
    start: Start,
) -> None:
    failures = iter(range(3))

    def config() -> None:
        if next(failures, None) is not None:
            odd_workers.cannot_be_spawned()

    async with start(odd_workers.talks, config) as client:
        answer = await client.ask()
    assert (answer.text, answer.last[0]) == ("what it says", "done")


def _memory_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
