"""The native tools and llmchat between them: every byte arrives, and a wrong one is seen."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from bench import targets, tools
from bench.targets import Setup


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Both tools, made where the bench looks for them."""
    tools.compiled("upstream")
    tools.compiled("load")


@pytest.fixture
def upstream() -> Iterator[int]:
    with tools.upstream() as port:
        yield port


def test_every_token_of_every_stream_arrives_in_its_place(upstream: int) -> None:
    load = tools.load(upstream, "openai", "bench-0x5000", streams=3, rounds=2, timeout=20)
    assert (load.errors, load.tokens, load.connections) == (0, 30_000, 3)


def test_a_paced_stream_takes_its_time(upstream: int) -> None:
    load = tools.load(upstream, "openai", "bench-100x21", timeout=20)
    assert (load.errors, load.tokens) == (0, 21)
    assert load.seconds >= 0.2


def test_a_model_that_is_not_known_is_an_error(upstream: int) -> None:
    load = tools.load(upstream, "openai", "bench-0x10", path="/v1/else", timeout=20)
    assert load.errors == 1
    assert "status 404" in load.first_error


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        (["000000______"], "ended too early"),
        (["000000______", "000200______"], "wrong"),
        (["000001______", "000100______"], "wrong"),
        (["000000______", "000100_____ "], "wrong"),
    ],
    ids=["one-is-missing", "out-of-order", "of-another-stream", "damaged"],
)
async def test_a_wrong_byte_is_seen(tokens: list[str], why: str) -> None:
    async def answer(_request: web.Request) -> web.Response:
        events = "".join(f'data: {{"content":"{token}"}}\n\n' for token in tokens)
        return web.Response(text=events, content_type="text/event-stream")

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    try:
        load = await asyncio.to_thread(tools.load, port, "openai", "bench-0x2", timeout=20)
    finally:
        await runner.cleanup()
    assert load.errors == 1
    assert why in load.first_error


def test_llmchat_between_them_loses_no_byte(upstream: int, tmp_path: Path) -> None:
    command = shlex.join([sys.executable, "-m", "llmchat"])
    setup = Setup(tmp_path, upstream, command, tools.ROOT)
    with targets.llmchat(setup) as target:
        load = target.load("bench-0x2000", streams=2, rounds=2, timeout=20)
    assert (load.first_error, load.errors, load.tokens) == ("", 0, 8000)
