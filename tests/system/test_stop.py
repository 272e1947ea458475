"""Stop: the stream ends at once, and so does the work at the endpoint."""

from __future__ import annotations

import asyncio

import pytest

from tests.fake_openai import FakeOpenAI
from tests.system.conftest import Client, Serve

AT_ONCE = 2.0  # seconds; `bench/stop.py` measures it, a test on a busy machine cannot


async def _stopped(client: Client, job_id: str) -> None:
    answer = await client.read(job_id)
    assert answer.last[0] == "done"
    assert answer.last[1]["finish_reason"] == "cancelled"


@pytest.mark.parametrize("model", ["silent", "headers", "gate"])
async def test_stop_closes_the_connection_to_the_endpoint(
    client: Client, fake: FakeOpenAI, model: str
) -> None:
    job_id = await client.submit(model=model)
    request = await fake.asked()
    assert await client.stop(job_id) == 204
    await asyncio.wait_for(request.gone.wait(), AT_ONCE)
    assert request.disconnected
    await _stopped(client, job_id)


async def test_stop_keeps_what_was_shown_and_tells_every_reader(
    client: Client, fake: FakeOpenAI
) -> None:
    job_id = await client.submit(model="gate")
    readers = [asyncio.create_task(client.read(job_id)) for _ in range(3)]
    await client.until(job_id, lambda name, _: name == "delta")
    await client.stop(job_id)
    for reader in readers:
        answer = await reader
        assert answer.text == "piece 0 "
        assert answer.last[1]["finish_reason"] == "cancelled"


async def test_the_answer_ends_where_the_reader_who_stopped_had_read(
    client: Client, fake: FakeOpenAI
) -> None:
    job_id = await client.submit(model="gate")
    ids = []
    async for event_id, name, _ in client.follow(job_id):
        if name == "delta":
            ids.append(event_id)
            await fake.release()
        if len(ids) == 3:
            await client.stop(job_id, seen=ids[1])
            break
    answer = await client.read(job_id)
    assert answer.last[1]["seen"] == ids[1]


async def test_stop_is_the_same_twice_and_after_the_end(client: Client) -> None:
    job_id = await client.submit()
    whole = await client.read(job_id)
    assert await client.stop(job_id) == 204
    assert await client.stop(job_id) == 204
    assert (await client.read(job_id)).events == whole.events


async def test_a_job_that_waits_for_a_worker_can_be_stopped(serve: Serve, fake: FakeOpenAI) -> None:
    async with serve(OPENAI_BASE_URL=fake.url, DEFAULT_MODEL="echo") as client:
        job_id = await client.submit()  # the worker is still starting
        await client.stop(job_id)
        await _stopped(client, job_id)
        await client.ask("another")
        assert [one.question() for one in fake.requests] == ["another"]


async def test_an_answer_that_nobody_reads_is_stopped_where_that_is_wanted(
    serve: Serve, fake: FakeOpenAI
) -> None:
    endpoint = {"OPENAI_BASE_URL": fake.url, "DEFAULT_MODEL": "gate"}
    async with serve(**endpoint, LLMCHAT_UNWATCHED_TIMEOUT="0.4") as client:
        watched = await client.submit()
        reader = asyncio.create_task(client.read(watched))
        await client.until(watched, lambda name, _: name == "delta")
        unwatched = await client.submit()
        request = await fake.asked(2)
        await asyncio.wait_for(request.gone.wait(), 10)
        await fake.release(100)
        assert (await reader).last[1]["finish_reason"] == "stop"
        assert (await client.read(unwatched)).last[1]["finish_reason"] == "cancelled"


async def test_one_hundred_stops_leave_no_connection_behind(
    client: Client, fake: FakeOpenAI
) -> None:
    for number in range(1, 101):
        job_id = await client.submit(model="gate")
        request = await fake.asked(number)
        await client.stop(job_id)
        await request.gone.wait()
    assert fake.open_streams == 0
