"""A worker dies in every phase of a job: the server and its streams stay, the rest goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from llmchat.app import HUNG_SECONDS
from llmchat.jobs.recovery import MAX_DELIVERIES
from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Client

TIMES = 20


async def _kill_worker(client: Client, number: signal.Signals = signal.SIGKILL) -> None:
    os.kill(await client.worker_pid(), number)


async def _next_worker(client: Client, old: int) -> int:
    while (pid := await client.worker_pid()) == old:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0.01)
    return pid


@pytest.mark.timeout(120)
async def test_an_idle_worker_that_is_killed_is_replaced(client: Client) -> None:
    for number in range(TIMES):
        pid = await client.worker_pid()
        os.kill(pid, signal.SIGKILL)
        answer = await client.ask(f"question {number}")
        assert answer.text == f"question {number}"
        await _next_worker(client, pid)


@pytest.mark.timeout(120)
async def test_a_worker_killed_before_the_first_token_costs_nothing_but_time(
    client: Client, fake: FakeOpenAI
) -> None:
    for number in range(TIMES):
        fake.reset()
        job_id = await client.submit(model="silent")
        reader = asyncio.create_task(client.read(job_id))
        await fake.asked(1)
        await _kill_worker(client)
        await fake.asked(2)
        await fake.release()
        answer = await reader
        assert answer.text == "after the silence", number
        assert answer.last[0] == "done"
        assert "restarted" in answer.states()


@pytest.mark.timeout(120)
async def test_a_worker_killed_in_mid_stream_keeps_the_text_and_ends_the_job_once(
    client: Client, fake: FakeOpenAI
) -> None:
    for number in range(TIMES):
        fake.reset()
        job_id = await client.submit(model="gate")
        reader = asyncio.create_task(client.read(job_id))
        await client.until(job_id, lambda name, _: name == "delta")
        await _kill_worker(client)
        answer = await reader
        assert answer.text == "piece 0 ", number
        assert answer.last[0] == "error"
        assert answer.last[1]["code"] == "worker-crashed"
        assert "SIGKILL" in answer.last[1]["message"]
        assert fake.posts == 1  # never run again by itself
    assert (await client.ask("still here")).text == "still here"


async def test_a_job_that_kills_every_worker_is_given_up_and_the_others_go_on(
    client: Client, fake: FakeOpenAI
) -> None:
    poison = asyncio.create_task(client.ask(model="silent"))
    for attempt in range(1, MAX_DELIVERIES + 1):
        await fake.asked(attempt)
        await _kill_worker(client, signal.SIGSEGV)
    answer = await poison
    assert answer.last[1]["code"] == "worker-crashed"
    assert "SIGSEGV" in answer.last[1]["message"]
    assert (await client.ask("next")).text == "next"


async def test_a_job_that_waits_while_the_worker_dies_is_not_lost(
    client: Client, fake: FakeOpenAI
) -> None:
    await _kill_worker(client)
    jobs = [await client.submit(f"question {number}") for number in range(10)]
    answers = await asyncio.gather(*(client.read(job_id) for job_id in jobs))
    assert [answer.text for answer in answers] == [f"question {number}" for number in range(10)]


async def test_a_worker_that_hangs_is_killed_and_its_job_goes_on(
    client: Client, fake: FakeOpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = await client.submit(model="silent")
    await fake.asked(1)
    await _kill_worker(client, signal.SIGSTOP)
    await fake.asked(2)
    await fake.release()
    assert (await client.read(job_id)).text == "after the silence"


async def test_a_server_that_stood_still_does_not_blame_its_worker(
    client: Client, fake: FakeOpenAI
) -> None:
    job_id = await client.submit(model="gate")
    await client.until(job_id, lambda name, _: name == "delta")
    pid = await client.worker_pid()
    time.sleep(HUNG_SECONDS / 2 + 1)  # noqa: ASYNC251 - as Ctrl-Z does, but for the worker
    await fake.release(10)
    assert (await client.read(job_id)).last[0] == "done"
    assert await client.worker_pid() == pid


async def test_the_server_says_when_it_is_not_ready(client: Client) -> None:
    await _kill_worker(client)
    async with client.session.get(f"{client.url}/health/live") as response:
        assert response.status == 200
    while True:
        async with client.session.get(f"{client.url}/health/ready") as response:
            if response.status == 200:
                return
            assert response.status == 503
            assert "worker" in await response.text()
