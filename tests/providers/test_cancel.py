"""Stopping: the upstream sees its connection close, whatever the request was waiting for."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from llmchat.domain.job import Delta
from llmchat.providers.base import Limits
from llmchat.providers.openai_compat import OpenAICompatible
from tests.fake_openai import FakeOpenAI
from tests.providers.conftest import Connect, ask, outcome

AT_ONCE = 2.0  # seconds; `bench/stop.py` measures it, a test on a busy machine cannot


async def _watch(provider: OpenAICompatible, model: str, shown: asyncio.Event) -> None:
    async with contextlib.aclosing(provider.stream(ask(), model)) as stream:
        async for event in stream:
            if isinstance(event, Delta):
                shown.set()


@pytest.mark.parametrize(
    ("model", "phase"),
    [
        ("silent", "before headers"),
        ("headers", "before the first token"),
        ("gate", "mid-stream"),
        ("status-500-stalled", "in the body of an error"),
    ],
)
async def test_a_stopped_request_closes_its_connection_at_once(
    model: str, phase: str, fake: FakeOpenAI, connect: Connect
) -> None:
    shown = asyncio.Event()
    task = asyncio.create_task(_watch(connect(limits=Limits()), model, shown))
    recorded = await fake.asked()
    if phase == "mid-stream":
        await shown.wait()
    elif phase != "before headers":
        await recorded.sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(recorded.gone.wait(), AT_ONCE)
    assert recorded.disconnected


async def test_a_stop_while_connecting_ends_at_once(connect: Connect) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set()
        await reader.read()
        left.set()
        writer.close()

    accepted, left = asyncio.Event(), asyncio.Event()
    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        # A TLS handshake that is never answered.
        provider = connect(f"https://127.0.0.1:{port}/v1", limits=Limits())
        task = asyncio.create_task(_watch(provider, "x", asyncio.Event()))
        await accepted.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(left.wait(), AT_ONCE)


async def test_leaving_the_generator_closes_the_connection(
    fake: FakeOpenAI, connect: Connect
) -> None:
    async with contextlib.aclosing(connect().stream(ask(), "gate")) as stream:
        await anext(stream)
    await asyncio.wait_for((await fake.asked()).gone.wait(), AT_ONCE)


async def test_stopping_one_answer_leaves_the_others_alone(
    fake: FakeOpenAI, connect: Connect
) -> None:
    provider = connect()
    shown = asyncio.Event()
    stopped = asyncio.create_task(_watch(provider, "gate", shown))
    await shown.wait()
    other = asyncio.create_task(outcome(provider, "gate"))
    await fake.asked(2)
    stopped.cancel()
    await asyncio.wait([stopped])
    await fake.release(float("inf"))
    _, error = await other
    assert error is None


async def test_100_starts_and_stops_leave_no_socket(fake: FakeOpenAI, connect: Connect) -> None:
    provider = connect(limits=Limits())
    await outcome(provider, "echo")
    before = _sockets()
    for count in range(100):
        shown = asyncio.Event()
        model = ("silent", "headers", "gate")[count % 3]
        task = asyncio.create_task(_watch(provider, model, shown))
        recorded = await fake.asked(count + 2)
        task.cancel()
        await asyncio.wait([task])
        await recorded.gone.wait()
    assert fake.open_streams == 0
    # The server's ends close one turn of the loop after ours.
    await asyncio.sleep(0)
    assert _sockets() <= before + 2


def _sockets() -> int:
    links = list(Path("/proc/self/fd").iterdir())
    return sum(_target(link).startswith("socket:") for link in links)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""
